package io.realign.report;

import io.realign.data.Dataset;
import io.realign.evaluate.Evaluation;
import io.realign.evaluate.Example;
import io.realign.evaluate.FeaturePoint;
import io.realign.evaluate.ImageState;
import io.realign.evaluate.MaskingSign;
import io.realign.evaluate.Result;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.task.Finding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The report of an evaluation or of a run's folder. */
public final class RunReport {

  /** The name of the resolved configuration within a run's folder. */
  public static final String CONFIG = "config.yaml";

  /** The name of what a probe for gradient masking found, likewise. */
  public static final String MASKING = "masking.json";

  /** The name of the records of accuracy over radius and steps, likewise. */
  public static final String CURVES = "curves.json";

  private RunReport() {}

  /**
   * Everything that an evaluation found.
   *
   * @param classes names by label
   * @param notes remarks for the reader
   * @param seed of the t-SNE
   */
  public static ReportContent of(
      String title,
      Evaluation evaluation,
      List<String> classes,
      String configYaml,
      List<String> notes,
      long seed) {
    return new ReportContent(
        title,
        evaluation.results(),
        List.of(),
        List.of(),
        List.of(),
        gallery(evaluation, classes),
        embedding(evaluation.features(), classes, seed),
        configYaml,
        notes);
  }

  /**
   * What the files of a run's folder tell: results, curves and configuration. The images are not
   * among them.
   *
   * @throws InputException if {@code results.json} is missing or malformed
   */
  public static ReportContent read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(
          folder + " is no folder of a run; expected one that holds " + ResultsJson.FILE);
    }
    String title = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    ReportContent content =
        new ReportContent(
            title,
            ResultsJson.read(folder.resolve(ResultsJson.FILE)),
            signs(folder),
            sweep(folder),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            config(folder),
            List.of(
                "Made again from the run's files: images and feature space are shown only by the"
                    + " evaluation itself."));
    Path metrics = folder.resolve(MetricsLog.FILE);
    return Files.exists(metrics) ? content.withMetrics(MetricsLog.read(metrics)) : content;
  }

  private static List<MaskingSign> signs(Path folder) {
    Path file = folder.resolve(MASKING);
    return Files.exists(file)
        ? List.of(Yaml.readJson(text(file), MaskingSign[].class, file.toString()))
        : List.of();
  }

  private static List<Result> sweep(Path folder) {
    Path file = folder.resolve(CURVES);
    return Files.exists(file) ? ResultsJson.read(file) : List.of();
  }

  /** The text of a run's configuration; empty without one. */
  public static String config(Path folder) {
    Path config = folder.resolve(CONFIG);
    return Files.exists(config) ? text(config) : "";
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  private static Optional<Gallery> gallery(Evaluation evaluation, List<String> classes) {
    List<Gallery.Row> rows = new ArrayList<>();
    for (Example example : evaluation.examples()) {
      Optional<Gallery.Shot> clean = shot(example, ImageState.CLEAN, classes);
      Optional<Gallery.Shot> attacked = shot(example, ImageState.ATTACKED, classes);
      if (clean.isPresent() && attacked.isPresent()) {
        rows.add(
            new Gallery.Row(
                truth(example, classes),
                Overlay.of(
                    example.view(ImageState.CLEAN).orElseThrow().image(),
                    Overlay.certain(example.truth()),
                    classes),
                clean.get(),
                attacked.get(),
                shot(example, ImageState.REPAIRED, classes),
                shot(example, ImageState.REPAIRED_CLEAN, classes)));
      }
    }
    return rows.isEmpty()
        ? Optional.empty()
        : evaluation
            .shown()
            .map(
                shown ->
                    new Gallery(
                        "%s, %s, %s"
                            .formatted(
                                Text.attack(shown.attack().name()),
                                Text.budget(shown.attack()),
                                Text.threat(shown.threat())),
                        rows));
  }

  private static Optional<Gallery.Shot> shot(
      Example example, ImageState state, List<String> classes) {
    return example
        .view(state)
        .map(
            view ->
                switch (view.found()) {
                  case Finding.OneClass one ->
                      new Gallery.Shot(
                          view.image(),
                          classes.get(one.label()),
                          Math.min(1, view.score()),
                          view.value() == 1);
                  case Finding.Regions regions -> drawn(view, classes, "mIoU");
                  case Finding.Objects objects -> drawn(view, classes, "mAP");
                });
  }

  private static Gallery.Shot drawn(Example.View view, List<String> classes, String metric) {
    return new Gallery.Shot(
        view.image(),
        Overlay.of(view.image(), view.found(), classes),
        metric,
        view.value(),
        view.value() >= .5);
  }

  /** The class, or all that the image shows. */
  private static String truth(Example example, List<String> classes) {
    return switch (example.truth()) {
      case Finding.OneClass one -> classes.get(one.label());
      case Finding.Regions regions -> {
        List<String> there =
            IntStream.of(Overlay.labels(regions.mask()))
                .filter(label -> label < classes.size())
                .mapToObj(classes::get)
                .toList();
        List<String> named = there.stream().filter(name -> !Dataset.isBackground(name)).toList();
        yield String.join(", ", named.isEmpty() ? there : named);
      }
      case Finding.Objects objects ->
          objects.boxes().stream()
              .map(box -> classes.get(box.label()))
              .distinct()
              .collect(Collectors.joining(", "));
    };
  }

  private static Optional<Embedding> embedding(
      List<FeaturePoint> features, List<String> classes, long seed) {
    if (features.size() < 4) {
      return Optional.empty();
    }
    float[][] plane =
        Tsne.standard(seed)
            .embed(features.stream().map(FeaturePoint::features).toArray(float[][]::new), i -> {});
    List<Embedding.Point> points = new ArrayList<>();
    for (int i = 0; i < plane.length; i++) {
      FeaturePoint feature = features.get(i);
      Embedding.Kind kind =
          switch (feature.state()) {
            case CLEAN -> Embedding.Kind.CLEAN;
            case ATTACKED -> Embedding.Kind.ATTACKED;
            case REPAIRED -> Embedding.Kind.REPAIRED;
            case REPAIRED_CLEAN -> Embedding.Kind.REPAIRED_CLEAN;
          };
      points.add(new Embedding.Point(plane[i][0], plane[i][1], kind, feature.label()));
    }
    return Optional.of(new Embedding(points, classes));
  }
}
