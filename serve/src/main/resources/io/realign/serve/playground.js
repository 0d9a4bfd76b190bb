'use strict';

/* The playground of `realign serve`: what it shows comes from this service, and from nowhere else. */

const $ = id => document.getElementById(id);
const SWEEP = [1, 2, 4, 8, 12, 16, 24, 32];
const LEVELS = 255;
let models = [];
let file = null; // base64
let running = false;
let again = false;
let runs = 0;
let plots = 0; // what was last begun to be plotted
let token = '';

// --- talking to the service ---------------------------------------------------------------------

/** What an answer means that is not of the service, but of what stands before it. */
function inWords(status) {
  const meaning = {
    401: 'who asks must sign in',
    403: 'it is not allowed',
    404: 'nothing is there',
    408: 'the request took too long',
    413: 'the image is too large',
    429: 'too many requests',
    502: 'the service cannot be reached',
    503: 'the service is not there now',
    504: 'the service took too long',
  }[status];
  return `Instead of the service something before it answered: ${status}${meaning ? ', ' + meaning : ''}.`;
}

async function ask(path, body) {
  const headers = {};
  if (token) headers.Authorization = 'Bearer ' + token;
  if (body) headers['Content-Type'] = 'application/json';
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers,
    body: body && JSON.stringify(body),
  });
  const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('Content-Type') || '');
  const answer = isJson ? await response.json().catch(() => null) : null;
  if (response.ok && answer) return answer;
  if (response.status === 401) $('token-field').hidden = false;
  if (!answer || !answer.detail) throw new Error(inWords(response.status));
  const wait = response.headers.get('Retry-After');
  throw new Error(answer.detail + (wait ? `; again in ${wait} s` : ''));
}

function say(text, bad) {
  $('status').textContent = text;
  $('status').classList.toggle('bad', Boolean(bad));
}

// --- choices ------------------------------------------------------------------------------------

const model = () => models.find(each => each.name === $('model').value);
const epsilon = () => Number($('epsilon').value) / LEVELS;
const adaptive = () => document.querySelector('[name=threat]:checked').value === 'adaptive';

function options(select, values) {
  const before = select.value;
  select.replaceChildren(...values.map(value => new Option(value, value)));
  if (values.includes(before)) select.value = before;
}

function showChoices() {
  $('epsilon-shown').textContent = `${$('epsilon').value}/255`;
  $('steps-shown').textContent = $('steps').value;
}

async function modelChosen() {
  const chosen = model();
  options($('attack'), chosen.playground.attacks);
  $('epsilon').max = Math.floor(chosen.playground.maxEpsilon * LEVELS);
  $('steps').max = chosen.playground.maxSteps;
  document.querySelector('[value=adaptive]').disabled = !chosen.defense;
  if (!chosen.defense) document.querySelector('[value=oblivious]').checked = true;
  showChoices();
  await measuredCurves();
}

async function start() {
  try {
    const answer = await ask('/v1/models');
    models = answer.models.filter(each => each.target);
    options($('model'), models.map(each => each.name));
    if (!models.length) {
      say('No model with a target is served: there is nothing to attack.', true);
      return;
    }
    say(file ? '' : 'Choose an image.');
    await modelChosen();
    changed();
  } catch (error) {
    say(error.message, true);
  }
}

// --- the image ----------------------------------------------------------------------------------

async function take(chosen) {
  if (!chosen) return;
  const bytes = new Uint8Array(await chosen.arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  file = btoa(text);
  $('hint').textContent = chosen.name;
  run();
}

async function bitmap(base64) {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  return createImageBitmap(new Blob([bytes], {type: 'image/png'}), {colorSpaceConversion: 'none'});
}

async function pixels(base64) {
  const image = await bitmap(base64);
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, image.width, image.height);
}

/** A colour for each class, far from that of its neighbours: the same as in reports. */
function colour(label) {
  const hue = (label * .618034) % 1 * 360;
  const value = label % 3 === 0 ? .75 : .95;
  const saturation = label % 2 === 0 ? .95 : .65;
  const light = value * (1 - saturation / 2);
  const s = light === 0 || light === 1 ? 0 : (value - light) / Math.min(light, 1 - light);
  return `hsl(${hue} ${100 * s}% ${100 * light}%)`;
}

function rgb(label) {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  context.fillStyle = colour(label);
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

/** Regions that are background by name stay bare: the same as in reports. */
const isBare = region => /^background$/i.test(region.name.replaceAll('_', ''));

async function draw(canvas, base64, said) {
  const image = await pixels(base64);
  if (said && said.mask) {
    const mask = await pixels(said.mask);
    const bare = new Set(said.regions.filter(isBare).map(each => each.label));
    const colours = new Map();
    for (let i = 0; i < mask.data.length; i += 4) {
      const label = mask.data[i];
      if (bare.has(label)) continue;
      if (!colours.has(label)) colours.set(label, label === 255 ? [128, 128, 128] : rgb(label));
      const coat = colours.get(label);
      for (let c = 0; c < 3; c++) image.data[i + c] = .4 * image.data[i + c] + .6 * coat[c];
    }
  }
  const factor = said && said.boxes ? Math.max(1, Math.ceil(384 / image.width)) : 1;
  canvas.width = factor * image.width;
  canvas.height = factor * image.height;
  canvas.classList.toggle('fine', canvas.width > 256);
  const context = canvas.getContext('2d');
  const source = new OffscreenCanvas(image.width, image.height);
  source.getContext('2d').putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  for (const box of [...(said && said.boxes || [])].reverse()) { // the surest on top
    const [left, top, right, bottom] =
      [box.left, box.top, box.right, box.bottom].map(edge => factor * edge);
    context.strokeStyle = context.fillStyle = colour(box.label);
    const size = canvas.width / 24;
    context.lineWidth = size / 6;
    context.strokeRect(left, top, right - left, bottom - top);
    context.font = `${size}px sans-serif`;
    const words = `${box.name} ${box.score.toFixed(2)}`;
    const y = Math.max(top, 1.25 * size);
    context.fillRect(left, y - 1.25 * size, context.measureText(words).width + size / 2, 1.25 * size);
    context.fillStyle = '#000';
    context.fillText(words, left + size / 4, y - size / 3);
  }
}

/** The change, magnified so that its largest value shows as full contrast around grey. */
async function drawChange(canvas, clean, attacked) {
  const a = await pixels(clean);
  const b = await pixels(attacked);
  let largest = 0;
  for (let i = 0; i < a.data.length; i++) largest = Math.max(largest, Math.abs(b.data[i] - a.data[i]));
  const factor = largest ? 127 / largest : 1;
  for (let i = 0; i < a.data.length; i++) {
    a.data[i] = i % 4 === 3 ? 255 : 128 + factor * (b.data[i] - a.data[i]);
  }
  canvas.width = a.width;
  canvas.height = a.height;
  canvas.getContext('2d').putImageData(a, 0, 0);
  return factor;
}

// --- answers ------------------------------------------------------------------------------------

const percent = value => `${(100 * value).toFixed(1)} %`;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function swatch(label) {
  const made = element('span', '', 'swatch');
  made.style.setProperty('background', colour(label));
  return made;
}

function list(said) {
  const lines = element('ol');
  const rows = said.classes
    ? said.classes.slice(0, 3).map(each => [each, percent(each.score), each.score])
    : said.regions
      ? said.regions.slice(0, 5).map(each => [each, percent(each.pixels / total(said.regions))])
      : said.boxes.slice(0, 5).map(each => [each, percent(each.score)]);
  for (const [each, value, share] of rows) {
    const line = element('li');
    const name = element('span', each.name);
    if (said.boxes || said.regions && !isBare(each)) name.prepend(swatch(each.label));
    line.append(name, element('span', value));
    if (share !== undefined) {
      const meter = element('meter');
      meter.value = share;
      meter.setAttribute('aria-hidden', 'true');
      line.append(meter);
    }
    lines.append(line);
  }
  if (!rows.length) lines.append(element('li', 'nothing that it is sure of'));
  return lines;
}

const total = regions => regions.reduce((sum, each) => sum + each.pixels, 0);

function verdict(said) {
  const word = said.classes
    ? said.kept === 1 ? 'same class as clean' : 'another class'
    : `${percent(said.kept)} agreement with clean`;
  return element('p', word, said.kept >= .5 ? 'kept' : 'lost');
}

function tell(figure, title, said, judged) {
  const answers = figure.querySelector('.answers');
  answers.append(element('h3', title));
  if (judged) answers.append(verdict(said));
  answers.append(list(said));
}

const summary = said =>
  said.classes
    ? `${said.classes[0].name}, ${percent(said.classes[0].score)}`
    : `${percent(said.kept)} agreement`;

async function show(answer) {
  const figures = ['clean', 'attacked', 'repaired', 'change'].map($);
  for (const figure of figures) figure.querySelector('.answers').replaceChildren();
  const [clean, attacked, repaired, change] = figures;
  const canvas = figure => figure.querySelector('canvas');
  await draw(canvas(clean), answer.clean.image, answer.clean.bare);
  await draw(canvas(attacked), answer.attacked.image, answer.attacked.bare);
  tell(clean, 'The model', answer.clean.bare, false);
  tell(attacked, 'The model', answer.attacked.bare, true);
  repaired.hidden = !answer.repaired;
  if (answer.repaired) {
    await draw(canvas(repaired), answer.repaired.image, answer.attacked.defended);
    tell(clean, 'Behind the defense', answer.clean.defended, true);
    tell(repaired, 'The model, on this', answer.attacked.defended, true);
    canvas(repaired).setAttribute('aria-label', 'repaired image: ' + summary(answer.attacked.defended));
  }
  const factor = await drawChange(canvas(change), answer.clean.image, answer.attacked.image);
  change.querySelector('.answers').append(
    element('p', `magnified ${factor.toFixed(0)} times; at most ${(LEVELS * answer.linf).toFixed(0)}/255 a value, ${answer.l2.toFixed(2)} in L2`));
  canvas(clean).setAttribute('aria-label', 'clean image: ' + summary(answer.clean.bare));
  canvas(attacked).setAttribute('aria-label', 'attacked image: ' + summary(answer.attacked.bare));
  canvas(change).setAttribute('aria-label', 'change, magnified');
  $('results').hidden = false;
}

// --- running ------------------------------------------------------------------------------------

/** What is attacked and how, but for ε: taken once, so that what changes meanwhile does not mix in. */
const choice = () => ({
  model: model().name,
  image: file,
  attack: $('attack').value,
  steps: Number($('steps').value),
  adaptive: adaptive(),
});

function stands(chosen) {
  const now = choice();
  return Object.keys(now).every(key => now[key] === chosen[key]);
}

function attack({model, ...chosen}, levels, images) {
  return ask(`/v1/models/${model}/attack`, {...chosen, epsilon: levels / LEVELS, images});
}

function busy(yes) {
  running = yes;
  $('sweep').disabled = yes || !file;
}

/** One attack at a time: what changes meanwhile is done afterwards, once. */
async function run() {
  if (!file || !model()) return;
  if (running) {
    again = true;
    return;
  }
  busy(true);
  do {
    again = false;
    say('Attacking…');
    try {
      const start = performance.now();
      const answer = await attack(choice(), Number($('epsilon').value), true);
      await show(answer);
      say(`Done in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
    } catch (error) {
      say(error.message, true);
    }
  } while (again);
  busy(false);
  runs++;
  document.body.dataset.runs = runs; // tests wait for it
}

function changed() {
  showChoices();
  if ($('live').checked) run();
}

// --- curves -------------------------------------------------------------------------------------

/** Those of the attack that was measured at most radii; of several PGD. */
function ofOneAttack(series) {
  const rank = each => each.points.length + (each.attack === 'pgd' ? .5 : 0);
  const [best] = [...series].sort((a, b) => rank(b) - rank(a));
  return series.filter(each => ['attack', 'steps', 'dataset', 'split', 'images'].every(key => each[key] === best[key]));
}

async function measuredCurves() {
  const ticket = ++plots;
  const answer = await ask(`/v1/models/${model().name}/curves`);
  if (ticket !== plots) return; // of a model that is no longer chosen, or a sweep has begun
  const series = ofOneAttack(answer.series.filter(each => each.points.length > 1));
  $('curves').hidden = false;
  busy(running);
  if (!series.length) {
    plot([], '');
    $('curves-title').textContent = 'Over ε';
    $('curves-source').textContent =
      'No results of an evaluation were given for this model: there is no accuracy over ε to show. What follows can be computed for one image.';
    return;
  }
  const first = series[0];
  $('curves-title').textContent = `${first.metric === 'accuracy' ? 'Accuracy' : first.metric} over ε`;
  $('curves-source').textContent =
    `Measured by evaluate on ${first.images} images of ${first.dataset}: ${first.attack}${first.steps ? `, ${first.steps} steps` : ''}. Between the points nothing was measured.`;
  plot(
    series.map(each => ({
      name: each.defended ? `defended, ${each.threat} attacker` : 'no defense',
      points: each.points.map(point => [LEVELS * point.epsilon, point.value]),
    })),
    first.metric);
}

/** The curve of what is chosen when it begins; it ends early when something else is chosen. */
async function sweep() {
  if (!file || !model() || running) return;
  busy(true);
  const chosen = choice();
  const lines = [];
  let word = '';
  let ended = 'Done.';
  try {
    for (const levels of SWEEP.filter(each => each <= Number($('epsilon').max))) {
      say(`Attacking with ε ${levels}/255…`);
      const answer = await attack(chosen, levels, false);
      if (!stands(chosen)) {
        ended = 'The curve was stopped: something else was chosen.';
        break;
      }
      const oneClass = answer.clean.bare.classes !== undefined;
      word = oneClass ? 'probability of the clean class' : 'agreement with the clean answer';
      const value = said => (oneClass ? said.support : said.kept);
      for (const [i, key, name] of [[0, 'bare', 'no defense'], [1, 'defended', 'defended']]) {
        if (!answer.attacked[key]) continue;
        lines[i] = lines[i] || {name, points: [[0, value(answer.clean[key])]]};
        lines[i].points.push([levels, value(answer.attacked[key])]);
      }
      $('curves-title').textContent = word[0].toUpperCase() + word.slice(1) + ' over ε';
      $('curves-source').textContent =
        `Of this one image, not an accuracy: ${chosen.attack}, ${chosen.steps} steps, by an attacker who ${chosen.adaptive ? 'knows the defense' : 'does not know of the defense'}.`;
      plots++;
      plot(lines, word);
    }
    say(ended);
  } catch (error) {
    say(error.message, true);
  }
  busy(false);
  document.body.dataset.sweeps = 1 + Number(document.body.dataset.sweeps || 0); // tests wait for it
  if (again) run();
}

const svg = (name, attributes, text) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
};

function plot(lines, word) {
  $('legend').replaceChildren();
  if (!lines.length) {
    $('chart').replaceChildren();
    return;
  }
  const [width, height, left, bottom] = [720, 300, 44, 34];
  const most = Math.max(...lines.flatMap(line => line.points.map(point => point[0])));
  const x = levels => left + (width - left - 10) * levels / most;
  const y = value => 10 + (height - bottom - 10) * (1 - value);
  const chart = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img'});
  chart.append(svg('title', {}, `${word} over ε: ` + lines.map(line =>
    `${line.name} ${line.points.map(point => `${percent(point[1])} at ${point[0].toFixed(0)}/255`).join(', ')}`).join('; ')));
  for (const value of [0, .25, .5, .75, 1]) {
    chart.append(
      svg('line', {class: 'grid', x1: left, x2: width - 10, y1: y(value), y2: y(value)}),
      svg('text', {x: left - 6, y: y(value) + 4, 'text-anchor': 'end'}, `${100 * value} %`));
  }
  for (let i = 0; i <= 4; i++) {
    const levels = Math.round(most * i / 4);
    chart.append(svg('text', {x: x(levels), y: height - 14, 'text-anchor': i === 4 ? 'end' : 'middle'}, i === 4 ? `ε ${levels}/255` : levels));
  }
  lines.forEach((line, i) => {
    const group = svg('g', {class: `s${i}`});
    group.append(svg('path', {d: line.points.map((point, j) => `${j ? 'L' : 'M'}${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`).join('')}));
    for (const point of line.points) group.append(svg('circle', {cx: x(point[0]), cy: y(point[1]), r: 3}));
    chart.append(group);
    const entry = element('li', line.name, `s${i}`);
    entry.prepend(element('span', '', 'swatch'));
    $('legend').append(entry);
  });
  $('chart').replaceChildren(chart);
}

// --- events -------------------------------------------------------------------------------------

$('controls').addEventListener('submit', event => {
  event.preventDefault();
  run();
});
$('file').addEventListener('change', event => take(event.target.files[0]));
$('model').addEventListener('change', () => modelChosen().then(changed, error => say(error.message, true)));
$('attack').addEventListener('change', changed);
for (const id of ['epsilon', 'steps']) {
  $(id).addEventListener('input', showChoices);
  $(id).addEventListener('change', changed);
}
for (const radio of document.querySelectorAll('[name=threat]')) radio.addEventListener('change', changed);
$('sweep').addEventListener('click', sweep);
$('token').addEventListener('change', event => {
  token = event.target.value.trim();
  start();
});
document.addEventListener('dragover', event => {
  event.preventDefault();
  $('drop').classList.add('over');
});
document.addEventListener('dragleave', () => $('drop').classList.remove('over'));
document.addEventListener('drop', event => {
  event.preventDefault();
  $('drop').classList.remove('over');
  take(event.dataTransfer.files[0]);
});
start();
