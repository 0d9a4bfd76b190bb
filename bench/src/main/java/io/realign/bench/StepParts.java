package io.realign.bench;

import io.realign.align.AlignmentLoss.Look;
import io.realign.align.AlignmentLoss.Repaired;
import io.realign.align.Discriminator;
import io.realign.align.Generator;
import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Loader;
import io.realign.torch.Autocast;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import io.realign.train.DefenseConfig;
import io.realign.train.TrainingAttack;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.DoubleAdder;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Where the time of a training step goes: the parts of the step are run one after the other on the
 * trainer's threads, with a clock between them. A part's time is the mean over the shards, which
 * run at once.
 */
final class StepParts {

  /** A part of the step, in the order in which the step does it. */
  enum Part {
    DATA("data: wait for batches, pick the step's images"),
    ATTACK("attack on the target and z_c, shared among the uses of the images"),
    GENERATOR("G forward, x_c and x_a"),
    DISCRIMINATOR("D forward in G's step"),
    TARGET("O forward: x̂_c and x̂_a"),
    PERCEPTUAL("perceptual net forward, likewise, and L_p"),
    TERMS("the other terms of the loss"),
    BACKWARD("backward to G through O, D and the perceptual net"),
    JUDGE("update of D: its loss and backward"),
    OPTIMISER("both optimisers and the moving average");

    private final String meaning;

    Part(String meaning) {
      this.meaning = meaning;
    }

    String meaning() {
      return meaning;
    }
  }

  private final DefenseSetup setup;
  private final DefenseConfig config;
  private final Generator generator;
  private final Generator average;
  private final Discriminator discriminator;
  private final Map<Part, DoubleAdder> sums = new ConcurrentHashMap<>();

  private StepParts(DefenseSetup setup) {
    this.setup = setup;
    this.config = setup.config();
    Seed seed = Seed.of(config.seed()).child("parts");
    this.generator = config.generator().create(seed, setup.inputs().compute());
    this.average = config.generator().create(seed, setup.inputs().compute());
    generator.startFrom(setup.inputs().target());
    average.params().freeze();
    this.discriminator = config.discriminator().create(seed, setup.inputs().compute());
  }

  /** Seconds a step by part; one measurement a repeat, each over {@code steps} steps. */
  static Map<Part, Spread> measure(DefenseSetup setup, int repeats, int steps) {
    StepParts parts = new StepParts(setup);
    Map<Part, List<Double>> found = new EnumMap<>(Part.class);
    try (Workers workers = Workers.forJobs(setup.config().shards())) {
      parts.run(workers, 1); // warm
      for (int repeat = 0; repeat < repeats; repeat++) {
        parts
            .run(workers, steps)
            .forEach((part, s) -> found.computeIfAbsent(part, p -> new ArrayList<>()).add(s));
      }
    }
    Map<Part, Spread> spreads = new EnumMap<>(Part.class);
    found.forEach((part, seconds) -> spreads.put(part, Spread.of(seconds)));
    return spreads;
  }

  private Map<Part, Double> run(Workers workers, int steps) {
    sums.clear();
    List<Tensor> forG = generator.params().trained();
    List<Tensor> forD = discriminator.params().trained();
    org.bytedeco.pytorch.Adam adamG = adam(forG, config.optimiser().generatorRate());
    org.bytedeco.pytorch.Adam adamD = adam(forD, config.optimiser().discriminatorRate());
    Loader loader =
        new Loader(
            setup.inputs().train(),
            Loader.Options.training(config.batch()),
            Seed.of(config.seed()).child("data"));
    try (Batches batches = loader.epoch(0)) {
      for (int step = 0; step < steps; step++) {
        try (Scope scope = Scope.open()) {
          List<Tensor> images = new ArrayList<>();
          List<Tensor> labels = new ArrayList<>();
          read(batches, images, labels);
          int draw = step;
          List<List<Tensor>> shards =
              workers.map(
                  config.shards(),
                  i -> gradients(images.get(i), labels.get(i), Seed.of(draw).child(i)));
          long start = System.nanoTime();
          workers.map( // at the same time, as the trainer has it
              2,
              i -> {
                if (i == 0) {
                  apply(adamG, forG, shards, 0);
                  average();
                } else {
                  apply(adamD, forD, shards, forG.size());
                }
                return List.of();
              });
          add(Part.OPTIMISER, start, 1);
        }
      }
    }
    Map<Part, Double> seconds = new EnumMap<>(Part.class);
    sums.forEach((part, sum) -> seconds.put(part, sum.sum() / steps));
    return seconds;
  }

  /** Batches are read, and attacked, once for all uses. */
  private void read(Batches batches, List<Tensor> images, List<Tensor> labels) {
    long start = System.nanoTime();
    for (int i = 0; i < config.shards(); i++) {
      Batch batch = batches.next();
      images.add(setup.inputs().compute().place(batch.images()));
      labels.add(setup.inputs().compute().place(setup.inputs().task().labels(batch)));
    }
    add(Part.DATA, start, 1.0 / config.replay().times());
    start = System.nanoTime();
    long[] order = new long[config.batch()];
    for (int i = 0; i < order.length; i++) {
      order[i] = (7L * i) % order.length;
    }
    Tensor rows = setup.inputs().compute().place(Ops.longs(order, order.length));
    for (int i = 0; i < config.shards(); i++) {
      images.get(i).index_select(0, rows);
      images.get(i).index_select(0, rows); // x_a
      labels.get(i).index_select(0, rows);
    }
    add(Part.DATA, start, 1);
  }

  private List<Tensor> gradients(Tensor clean, Tensor labels, Seed seed) {
    double shard = 1.0 / config.shards();
    long start = System.nanoTime();
    Tensor attacked = attacked(setup, clean, labels, seed);
    Optional<Tensor> known = setup.loss().cleanFeatures(clean);
    start = add(Part.ATTACK, start, shard / config.replay().times());
    try (Autocast autocast = Autocast.open(setup.inputs().compute())) {
      Repaired repaired = Repaired.by(generator, clean, known, attacked, labels);
      start = add(Part.GENERATOR, start, shard);
      Optional<Look> look = setup.loss().look(repaired, discriminator);
      start = add(Part.DISCRIMINATOR, start, shard);
      alone(repaired, shard);
      start = System.nanoTime();
      Tensor total = setup.loss().generator(repaired, look).total();
      start = add(Part.TERMS, start, shard); // less the two that are timed alone
      List<Tensor> all =
          new ArrayList<>(Ops.gradients(total, generator.params().trained(), look.isPresent()));
      start = add(Part.BACKWARD, start, shard);
      look.ifPresent(
          seen ->
              all.addAll(
                  Ops.gradients(
                      setup.loss().discriminator(seen), discriminator.params().trained(), false)));
      add(Part.JUDGE, start, shard);
      return all;
    }
  }

  /** O and the perceptual net are run once more by themselves, to tell them from the rest. */
  private void alone(Repaired repaired, double shard) {
    long start = System.nanoTime();
    try (Scope scope = Scope.open()) {
      setup
          .loss()
          .perceptual()
          .ifPresent(
              term ->
                  term.of(repaired.clean(), repaired.repairedClean(), repaired.repairedAttacked()));
    }
    long end = add(Part.PERCEPTUAL, start, shard);
    sum(Part.TERMS).add((start - end) * 1e-9 * shard);
    start = System.nanoTime();
    try (Scope scope = Scope.open()) {
      setup
          .inputs()
          .target()
          .forward(
              torch.cat(
                  new TensorVector(repaired.repairedClean(), repaired.repairedAttacked()), 0));
    }
    end = add(Part.TARGET, start, shard);
    sum(Part.TERMS).add((start - end) * 1e-9 * shard);
  }

  /** Line 3 of Algorithm 1 as the trainer does it: each attack takes its share of the batch. */
  static Tensor attacked(DefenseSetup setup, Tensor clean, Tensor labels, Seed seed) {
    TensorVector made = new TensorVector();
    long from = 0;
    double covered = 0;
    for (TrainingAttack part : setup.config().attacks()) {
      covered += part.share();
      long to = Math.round(covered * clean.size(0));
      if (to > from) {
        made.push_back(
            part.attack()
                .perturb(
                    setup.inputs().target(),
                    clean.narrow(0, from, to - from),
                    labels.narrow(0, from, to - from),
                    seed));
      }
      from = to;
    }
    return torch.cat(made, 0);
  }

  private void apply(
      org.bytedeco.pytorch.Adam adam, List<Tensor> weights, List<List<Tensor>> shards, int from) {
    for (int i = 0; i < weights.size(); i++) {
      int index = from + i;
      Tensor sum = shards.stream().map(s -> s.get(index)).reduce(Tensor::add).orElseThrow();
      weights.get(i).mutable_grad().put(Ops.scale(sum, 1.0 / shards.size()));
    }
    adam.step();
  }

  private void average() {
    try (NoGradGuard guard = new NoGradGuard()) {
      average
          .params()
          .dict()
          .entries()
          .forEach(
              entry ->
                  entry
                      .getValue()
                      .lerp_(generator.params().dict().get(entry.getKey()), new Scalar(.01)));
    }
  }

  private static org.bytedeco.pytorch.Adam adam(List<Tensor> weights, double rate) {
    return new org.bytedeco.pytorch.Adam(
        new TensorVector(weights.toArray(Tensor[]::new)), new AdamOptions(rate));
  }

  /** Adds the time since {@code start}, weighted, to a part; the time now. */
  private long add(Part part, long start, double weight) {
    long now = System.nanoTime();
    sum(part).add((now - start) * 1e-9 * weight);
    return now;
  }

  private DoubleAdder sum(Part part) {
    return sums.computeIfAbsent(part, any -> new DoubleAdder());
  }
}
