package io.realign.report;

import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.evaluate.Result.AttackCell;
import io.realign.evaluate.Result.Provenance;
import io.realign.evaluate.Result.Weights;
import io.realign.evaluate.Threat;
import io.realign.io.Pixels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An invented evaluation with everything that a report can show. */
final class SampleResults {

  static final List<String> CLASSES =
      List.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
  static final AttackCell PGD =
      new AttackCell(
          "pgd",
          Map.of("norm", "linf", "epsilon", 0.031, "step_size", 0.0075, "steps", 8, "restarts", 1));
  static final AttackCell MARGIN =
      new AttackCell("margin", Map.of("norm", "linf", "epsilon", 0.031, "steps", 8));

  private SampleResults() {}

  static Result result(
      @Nullable String defense, @Nullable AttackCell attack, @Nullable Threat threat, int hits) {
    return new Result(
        "classification",
        "cifar10",
        "test",
        "cifar-resnet20",
        defense,
        attack,
        threat,
        "accuracy",
        hits / 1000.0,
        1000,
        Interval.wilson(hits, 1000),
        null,
        12.345,
        new Provenance(
            1,
            "0123abc",
            "Example 9000, 2 cores, 8 GiB",
            Map.of("realign", "0.1.0", "java", "21.0.2", "pytorch", "2.10.0")),
        new Weights("aa11".repeat(16), defense == null ? null : "bb22".repeat(16)),
        List.of());
  }

  /** The same by class: two that add up to it. */
  static Result byClass(Result r) {
    return r.withClasses(
        List.of(
            new Result.ClassFigure("cat", .5 * r.value(), 500),
            new Result.ClassFigure("<dog>", .5 * r.value(), 500)));
  }

  static List<Result> results() {
    return results(603, 577);
  }

  static List<Result> results(int pgd, int margin) {
    String g = "defense.safetensors";
    return List.of(
        result(null, null, null, 915),
        result(null, PGD, Threat.OBLIVIOUS, 0),
        result(null, MARGIN, Threat.OBLIVIOUS, 0),
        result(g, null, null, 842),
        result(g, PGD, Threat.OBLIVIOUS, pgd),
        result(g, PGD, Threat.ADAPTIVE, 3),
        result(g, MARGIN, Threat.OBLIVIOUS, margin),
        result(g, MARGIN, Threat.ADAPTIVE, 0));
  }

  static ReportContent full() {
    return full(Stream.generate(SampleResults::drawn).limit(Gallery.MOST).toList());
  }

  static ReportContent full(List<Pixels> images) {
    return ReportContent.of("A generator for cifar-resnet20 on CIFAR-10", results())
        .withGallery(gallery(images))
        .withEmbedding(embedding())
        .withMetrics(new MetricsLog(entries(), Optional.of("metrics.jsonl, line 901 is torn")))
        .withConfig(
            "variant: paper\nloss: full\nweights: {adversarial: 1, <reconstruction>: 10}\n");
  }

  private static Gallery gallery(List<Pixels> images) {
    SplittableRandom random = new SplittableRandom(5);
    List<Gallery.Row> rows = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      Pixels clean = images.get(i);
      Pixels attacked = noisy(clean, 8, random);
      boolean repaired = i % 4 != 1;
      rows.add(
          new Gallery.Row(
              CLASSES.get(i % 10),
              new Gallery.Shot(clean, CLASSES.get(i % 10), 0.98, true),
              new Gallery.Shot(attacked, CLASSES.get((i + 3) % 10), 0.91, false),
              Optional.of(
                  new Gallery.Shot(
                      noisy(clean, 4, random),
                      CLASSES.get(repaired ? i % 10 : (i + 3) % 10),
                      0.83,
                      repaired)),
              Optional.empty()));
    }
    return new Gallery("The first images of the test split under PGD, ε 0.031, oblivious.", rows);
  }

  private static Pixels drawn() {
    byte[] rgb = new byte[3 * 32 * 32];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (40 + i % 32 * 3 + i / 32 % 32 * 2);
    }
    return new Pixels(32, 32, rgb);
  }

  private static Pixels noisy(Pixels image, int reach, SplittableRandom random) {
    byte[] rgb = image.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) Math.clamp((rgb[i] & 255) + random.nextInt(-reach, reach + 1), 0, 255);
    }
    return new Pixels(image.height(), image.width(), rgb);
  }

  private static Embedding embedding() {
    SplittableRandom random = new SplittableRandom(3);
    List<Embedding.Point> points = new ArrayList<>();
    for (Embedding.Kind kind : Embedding.Kind.values()) {
      for (int i = 0; i < 250; i++) {
        int label = i % 10;
        int at = kind == Embedding.Kind.ATTACKED ? (label + 3) % 10 : label;
        double reach = kind == Embedding.Kind.CLEAN ? 1.1 : 2;
        points.add(
            new Embedding.Point(
                10 * Math.cos(at * 0.628) + reach * random.nextGaussian(),
                10 * Math.sin(at * 0.628) + reach * random.nextGaussian(),
                kind,
                label));
      }
    }
    return new Embedding(points, CLASSES);
  }

  private static List<MetricsLog.Entry> entries() {
    SplittableRandom random = new SplittableRandom(4);
    MetricsLog.Entry[] entries = new MetricsLog.Entry[900];
    Arrays.setAll(
        entries,
        i -> {
          double fall = Math.exp(-i / 250.0);
          double noise = 1 + 0.15 * random.nextGaussian();
          return new MetricsLog.Entry(
              10L * (i + 1),
              i / 90.0,
              320.0 * (i + 1),
              4.0 * i,
              78 + 3 * random.nextGaussian(),
              Map.of(
                  "total", (0.4 + 5 * fall) * noise,
                  "reconstruction", (0.02 + 0.3 * fall) * noise),
              i % 100 == 99
                  ? Map.of("clean", 0.85 - 0.3 * fall, "pgd-kl", 0.72 - 0.6 * fall)
                  : Map.of());
        });
    return List.of(entries);
  }
}
