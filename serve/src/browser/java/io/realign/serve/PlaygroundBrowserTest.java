package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.JSHandle;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.FilePayload;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.realign.io.Images;
import io.realign.io.Pixels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The playground in headless Chromium, {@code chromium} on the path, on nets of random weights.
 * Screenshots stay in {@code target/screenshots}.
 */
@Tag("browser")
final class PlaygroundBrowserTest {

  private static final Path SHOTS = Path.of("target", "screenshots");
  private static final double PATIENCE_MILLIS = 120_000;
  private static final List<Throwable> FAILURES = new CopyOnWriteArrayList<>();
  private static final Service SERVICE =
      Service.start(
          new ServiceConfig(
              "127.0.0.1", 0, Optional.empty(), Limits.standard(), Batching.standard(1), true),
          List.of(
              TestModels.classifier(),
              TestModels.segmenter(),
              TestModels.detector(),
              TestModels.targetAlone(),
              PlaygroundTest.measured(),
              TestModels.defenseAlone()),
          FAILURES::add);
  private static final Playwright PLAYWRIGHT =
      Playwright.create(
          new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
  private static final Browser BROWSER =
      PLAYWRIGHT
          .chromium()
          .launch(
              new BrowserType.LaunchOptions()
                  .setExecutablePath(chromium())
                  .setArgs(List.of("--no-sandbox", "--disable-gpu")));

  private final List<String> complaints = new ArrayList<>();
  private final List<String> elsewhere = new ArrayList<>();
  private Page page = BROWSER.newPage();

  private static Path chromium() {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, "chromium"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no chromium on the path"));
  }

  @AfterAll
  static void close() {
    BROWSER.close();
    PLAYWRIGHT.close();
    SERVICE.close();
    assertThat(FAILURES).isEmpty();
  }

  @BeforeEach
  void open() {
    page.close();
    page = BROWSER.newPage(new Browser.NewPageOptions().setViewportSize(1280, 900));
    page.setDefaultTimeout(PATIENCE_MILLIS);
    page.onConsoleMessage(this::hear);
    page.onPageError(complaints::add);
    page.onRequest(
        request -> {
          if (!request.url().startsWith(SERVICE.url())) {
            elsewhere.add(request.url());
          }
        });
    page.navigate(SERVICE.url() + "/");
    await("#attack option");
  }

  private void hear(ConsoleMessage message) {
    if (message.type().equals("error") || message.type().equals("warning")) {
      complaints.add(message.text());
    }
  }

  @AfterEach
  void theConsoleIsSilentAndNothingCameFromElsewhere() {
    assertThat(complaints).isEmpty();
    assertThat(elsewhere).isEmpty();
    page.close();
  }

  /** Coloured squares, so that pictures of the page show something. */
  private static byte[] image(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          rgb[(c * height + y) * width + x] =
              (byte) ((x * 4 / width + y * 4 / height + c) % 3 * 90 + 40);
        }
      }
    }
    return Images.pngBytes(new Pixels(height, width, rgb));
  }

  private void drop(byte[] file) {
    JSHandle transfer =
        page.evaluateHandle(
            """
            base64 => {
              const transfer = new DataTransfer();
              const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
              transfer.items.add(new File([bytes], 'image.png', {type: 'image/png'}));
              return transfer;
            }
            """,
            Base64.getEncoder().encodeToString(file));
    page.dispatchEvent("#drop", "drop", Map.of("dataTransfer", transfer));
  }

  /** Not by a function: the page forbids {@code eval}, in which Playwright would run that. */
  private void await(String selector) {
    page.waitForSelector(
        selector, new Page.WaitForSelectorOptions().setState(WaitForSelectorState.ATTACHED));
  }

  private void waitForRun(int count) {
    await("body[data-runs='%d']".formatted(count));
    assertThat(page.locator("#status").textContent()).startsWith("Done in");
  }

  private int coloursIn(String canvas) {
    return (int)
        page.evaluate(
            """
            selector => {
              const canvas = document.querySelector(selector);
              const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
              return new Set(new Uint32Array(data.buffer)).size;
            }
            """,
            canvas);
  }

  private void shoot(String name) {
    page.screenshot(
        new Page.ScreenshotOptions().setPath(SHOTS.resolve(name + ".png")).setFullPage(true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"classifier", "segmenter", "detector"})
  void attacksAndRepairsAnImageThatIsDropped(String model) {
    page.selectOption("#model", model);
    page.fill("#steps", "2");
    await("#status:not(:empty)");
    drop(image(96, 64));
    waitForRun(1);
    for (String state : List.of("clean", "attacked", "repaired", "change")) {
      assertThat(page.locator("#" + state).isVisible()).as(state).isTrue();
      assertThat(coloursIn("#" + state + " canvas")).as(state).isGreaterThan(2);
      assertThat(page.locator("#" + state + " .answers").textContent()).as(state).isNotBlank();
    }
    assertThat(page.locator("#change .answers").textContent()).contains("at most 8/255");
    assertThat(page.locator("#clean canvas").getAttribute("aria-label")).startsWith("clean image:");
    page.check("[value=adaptive]");
    waitForRun(2);
    page.click("#sweep");
    await("body[data-sweeps='1']");
    assertThat(page.locator("#chart path").count()).isEqualTo(2);
    assertThat(page.locator("#curves-source").textContent()).contains("Of this one image");
    shoot(model);
  }

  @Test
  void fitsAPhone() {
    page.setViewportSize(360, 740);
    drop(image(64, 96));
    waitForRun(1);
    int wide = (int) page.evaluate("document.documentElement.scrollWidth");
    assertThat(wide).isLessThanOrEqualTo(360);
    for (Locator control : page.locator("button, select").all()) {
      assertThat(control.boundingBox().height).isGreaterThanOrEqualTo(44);
    }
    shoot("phone");
  }

  private String focused() {
    return (String)
        page.evaluate("document.activeElement.id || document.activeElement.value || 'body'");
  }

  @Test
  void worksByKeyboardAlone() {
    List<String> visited = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      page.keyboard().press("Tab");
      visited.add(focused());
    }
    assertThat(visited)
        .startsWith("file", "model", "attack", "epsilon", "steps", "oblivious", "run", "live");
    page.setInputFiles("#file", new FilePayload("a.png", "image/png", image(40, 40)));
    waitForRun(1);
    page.focus("#epsilon");
    page.keyboard().press("ArrowRight");
    waitForRun(2);
    assertThat(page.locator("#epsilon-shown").textContent()).isEqualTo("9/255");
    assertThat(page.locator("#change .answers").textContent()).contains("at most 9/255");
    page.focus("[value=oblivious]");
    page.keyboard().press("ArrowDown");
    waitForRun(3);
    assertThat(page.isChecked("[value=adaptive]")).isTrue();
    page.focus("#live");
    page.keyboard().press("Space");
    page.focus("#run");
    page.keyboard().press("Enter");
    waitForRun(4);
  }

  /** Holds back what is asked for at a path; {@link #letGo} sends it on. */
  private List<Route> hold(String path) {
    List<Route> held = new CopyOnWriteArrayList<>();
    page.route("**" + path, held::add);
    return held;
  }

  private void letGo(String path, List<Route> held) {
    page.unroute("**" + path);
    held.forEach(Route::resume);
  }

  /** Begins to compute the curve of an image, and holds back its first attack. */
  private List<Route> sweepHeld() {
    page.fill("#steps", "1");
    await("#status:not(:empty)");
    drop(image(32, 32));
    waitForRun(1);
    List<Route> held = hold("/attack");
    page.click("#sweep");
    page.waitForCondition(() -> !held.isEmpty());
    return held;
  }

  @Test
  void whatIsAskedForWhileACurveIsComputedIsDoneAfterwards() {
    List<Route> held = sweepHeld();
    page.click("#run");
    letGo("/attack", held);
    await("body[data-sweeps='1']");
    waitForRun(2);
    assertThat(page.locator("#chart circle").count()).as("two whole curves").isEqualTo(18);
  }

  @Test
  void anotherImageStopsTheCurveAndIsAttacked() {
    List<Route> held = sweepHeld();
    String before = page.locator("#curves-source").textContent();
    drop(image(64, 64));
    page.waitForCondition(() -> page.evaluate("again").equals(true));
    letGo("/attack", held);
    waitForRun(2);
    assertThat(page.locator("#chart circle").count()).isZero();
    assertThat(page.locator("#curves-source").textContent()).isEqualTo(before);
    assertThat(page.isEnabled("#sweep")).isTrue();
  }

  @Test
  void aCurveIsOfOneAttackAndSaysWhich() {
    page.uncheck("#live");
    page.selectOption("#attack", "bim");
    page.fill("#steps", "1");
    page.setInputFiles("#file", new FilePayload("a.png", "image/png", image(32, 32)));
    waitForRun(1);
    List<Route> held = new CopyOnWriteArrayList<>();
    page.route(
        "**/attack",
        route -> {
          if (route.request().postData().contains("\"epsilon\":" + 1 / 255.0)) {
            route.resume();
          } else {
            held.add(route);
          }
        });
    page.click("#sweep");
    page.waitForCondition(() -> !held.isEmpty());
    page.check("[value=adaptive]");
    page.selectOption("#attack", "pgd");
    letGo("/attack", held);
    await("body[data-sweeps='1']");
    assertThat(page.locator("#chart circle").count())
        .as("the clean point and the first")
        .isEqualTo(4);
    assertThat(page.locator("#curves-source").textContent())
        .isEqualTo(
            "Of this one image, not an accuracy: bim, 1 steps, by an attacker who does not know of"
                + " the defense.");
    assertThat(page.locator("#status").textContent())
        .isEqualTo("The curve was stopped: something else was chosen.");
  }

  @Test
  void lateCurvesOfAnotherModelAreNotShown() {
    List<Route> held = hold("/measured/curves");
    page.selectOption("#model", "measured");
    page.waitForCondition(() -> !held.isEmpty());
    page.selectOption("#model", "classifier");
    await("#curves:not([hidden])");
    page.waitForResponse("**/measured/curves", () -> letGo("/measured/curves", held));
    page.waitForTimeout(300);
    assertThat(page.locator("#curves-source").textContent()).startsWith("No results");
    page.selectOption("#model", "segmenter");
    page.selectOption("#model", "measured");
    await("#chart path");
    assertThat(page.locator("#curves-source").textContent())
        .startsWith("Measured by evaluate on 100 images of scenes: pgd, 20 steps.");
  }

  @Test
  void saysWhatIsWrongWithAnImage() {
    drop(new byte[] {1, 2, 3});
    await("#status.bad");
    assertThat(page.locator("#status").textContent()).contains("not an image");
    complaints.removeIf(text -> text.contains("415")); // Chromium itself notes the status
  }

  @Test
  void saysInWordsWhatAProxyAnswersInsteadOfTheService() {
    page.uncheck("#live");
    page.route(
        "**/attack",
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setStatus(502)
                    .setContentType("text/html")
                    .setBody("<html>Bad Gateway</html>")));
    drop(image(32, 32));
    await("#status.bad");
    assertThat(page.locator("#status").textContent())
        .isEqualTo(
            "Instead of the service something before it answered: 502, the service cannot be"
                + " reached.");
    complaints.removeIf(text -> text.contains("502")); // Chromium itself notes the status
  }

  @Test
  void offersNoAdaptiveAttackerWithoutADefense() {
    page.selectOption("#model", "target-alone");
    await("[value=adaptive]:disabled");
    drop(image(32, 32));
    waitForRun(1);
    assertThat(page.locator("#repaired").isVisible()).isFalse();
    assertThat(page.locator("#model").textContent()).doesNotContain("defense-alone");
  }
}
