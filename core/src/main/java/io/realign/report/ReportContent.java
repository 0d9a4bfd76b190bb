package io.realign.report;

import io.realign.evaluate.MaskingSign;
import io.realign.evaluate.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run's report shows; everything but the results is optional.
 *
 * @param title of the page
 * @param results at least one
 * @param signs of gradient masking, raised or not; empty where nobody looked
 * @param sweep records of accuracy over radius and steps; empty where nobody looked
 * @param panels loss curves and the like, see {@link MetricsLog#panels}
 * @param gallery example images
 * @param embedding t-SNE of the features
 * @param configYaml the resolved configuration; empty for none
 * @param notes remarks for the reader, one sentence each
 */
public record ReportContent(
    String title,
    List<Result> results,
    List<MaskingSign> signs,
    List<Result> sweep,
    List<Panel> panels,
    Optional<Gallery> gallery,
    Optional<Embedding> embedding,
    String configYaml,
    List<String> notes) {

  /** Copies the lists. */
  public ReportContent {
    results = List.copyOf(results);
    signs = List.copyOf(signs);
    sweep = List.copyOf(sweep);
    panels = List.copyOf(panels);
    notes = List.copyOf(notes);
    if (results.isEmpty()) {
      throw new IllegalArgumentException("a report needs results");
    }
  }

  /** A report of results alone. */
  public static ReportContent of(String title, List<Result> results) {
    return new ReportContent(
        title,
        results,
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "",
        List.of());
  }

  /** With the curves of a training run, and a note if its log is torn. */
  public ReportContent withMetrics(MetricsLog log) {
    List<String> more = new ArrayList<>(notes);
    log.warning().ifPresent(more::add);
    return new ReportContent(
        title, results, signs, sweep, log.panels(), gallery, embedding, configYaml, more);
  }

  /** With what a probe for gradient masking found. */
  public ReportContent withSigns(List<MaskingSign> found) {
    return new ReportContent(
        title, results, found, sweep, panels, gallery, embedding, configYaml, notes);
  }

  /** With accuracy over radius and steps. */
  public ReportContent withSweep(List<Result> found) {
    return new ReportContent(
        title, results, signs, found, panels, gallery, embedding, configYaml, notes);
  }

  /** With example images. */
  public ReportContent withGallery(Gallery shown) {
    return new ReportContent(
        title, results, signs, sweep, panels, Optional.of(shown), embedding, configYaml, notes);
  }

  /** With the first {@code most} of the example images. */
  public ReportContent withFewerExamples(int most) {
    return new ReportContent(
        title,
        results,
        signs,
        sweep,
        panels,
        gallery.map(
            shown ->
                new Gallery(
                    shown.caption(), shown.rows().subList(0, Math.min(most, shown.rows().size())))),
        embedding,
        configYaml,
        notes);
  }

  /** With a t-SNE figure. */
  public ReportContent withEmbedding(Embedding shown) {
    return new ReportContent(
        title, results, signs, sweep, panels, gallery, Optional.of(shown), configYaml, notes);
  }

  /** With the resolved configuration. */
  public ReportContent withConfig(String yaml) {
    return new ReportContent(title, results, signs, sweep, panels, gallery, embedding, yaml, notes);
  }
}
