package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.data.Annotation;
import io.realign.evaluate.Evaluation;
import io.realign.evaluate.Example;
import io.realign.evaluate.ImageState;
import io.realign.evaluate.Threat;
import io.realign.io.Pixels;
import io.realign.task.DetectedBox;
import io.realign.task.Finding;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Masks and boxes on the images of a report, and what it says of their colours. */
class DrawnExamplesTest {

  private static final int SIDE = 8;
  private static final List<String> STREET = List.of("road", "sky", "car", "tree");
  private static final List<String> OBJECTS = List.of("background", "cat", "<dog>", "cow");

  /** Rows of pixels of these labels, from the top. */
  private static Finding regions(int... labels) {
    byte[] mask = new byte[SIDE * SIDE];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) labels[i / SIDE * labels.length / SIDE];
    }
    return new Finding.Regions(mask);
  }

  private static Finding box(int label, double score) {
    return new Finding.Objects(List.of(new DetectedBox(label, (float) score, .2f, .2f, .8f, .8f)));
  }

  private static Pixels dark() {
    byte[] rgb = new byte[3 * SIDE * SIDE];
    Arrays.fill(rgb, (byte) 40);
    return new Pixels(SIDE, SIDE, rgb);
  }

  private static Example example(Finding truth, Finding clean, Finding attacked) {
    return new Example(
        0,
        1,
        truth,
        Map.of(
            ImageState.CLEAN, new Example.View(dark(), clean, .9, .9),
            ImageState.ATTACKED, new Example.View(dark(), attacked, .9, .1)));
  }

  private static ReportContent report(List<String> classes, List<Example> examples) {
    return RunReport.of(
        "drawn",
        new Evaluation(
            SampleResults.results(),
            List.of(),
            Optional.of(new Evaluation.Shown(SampleResults.PGD, Threat.OBLIVIOUS)),
            examples,
            List.of()),
        classes,
        "",
        List.of(),
        1);
  }

  private static ReportContent report(List<String> classes, Example... examples) {
    return report(classes, List.of(examples));
  }

  private static Gallery.Row row(ReportContent report) {
    return report.gallery().orElseThrow().rows().getFirst();
  }

  private static Color pixel(Pixels image, int at) {
    int plane = image.height() * image.width();
    byte[] rgb = image.rgb();
    return new Color(rgb[at] & 255, rgb[plane + at] & 255, rgb[2 * plane + at] & 255);
  }

  private static String legend(ReportContent report) {
    String html = HtmlReport.text(report);
    int start = html.indexOf("<ul class=\"legend classes\"");
    return start < 0 ? "" : html.substring(start, html.indexOf("</ul>", start));
  }

  /** The names in the legend, each with its colour. */
  private static List<String> entries(ReportContent report) {
    return Stream.of(legend(report).split("<li>", -1))
        .skip(1)
        .map(entry -> entry.replaceAll("<span[^#>]*(#[0-9a-f]{6})?\"?></span>", "$1 "))
        .map(entry -> entry.replace("</li>", "").strip())
        .toList();
  }

  private static String swatch(int label) {
    return "#%06x".formatted(Overlay.colour(label).getRGB() & 0xffffff);
  }

  @Test
  void theFirstClassIsPaintedUnlessItIsTheBackground() {
    Example example = example(regions(0, 1), regions(0, 0), regions(1, 1));
    Pixels street = row(report(STREET, example)).drawn().orElseThrow().image();
    assertThat(pixel(street, 0)).isNotEqualTo(pixel(dark(), 0));
    assertThat(pixel(street, 0)).isNotEqualTo(pixel(street, SIDE * SIDE - 1));
    Pixels objects = row(report(OBJECTS, example)).drawn().orElseThrow().image();
    assertThat(pixel(objects, 0)).isEqualTo(pixel(dark(), 0));
    assertThat(pixel(objects, SIDE * SIDE - 1)).isEqualTo(pixel(street, SIDE * SIDE - 1));
    Pixels last =
        row(report(List.of("cat", "_Background_"), example)).drawn().orElseThrow().image();
    assertThat(pixel(last, 0)).isEqualTo(pixel(street, 0));
    assertThat(pixel(last, SIDE * SIDE - 1)).isEqualTo(pixel(dark(), 0));
  }

  @Test
  void anImageIsCalledByAllItShowsButTheBackground() {
    Example example = example(regions(0, 2), regions(0), regions(0));
    assertThat(row(report(STREET, example)).truth()).isEqualTo("road, car");
    assertThat(row(report(OBJECTS, example)).truth()).isEqualTo("<dog>");
    Example empty = example(regions(0), regions(0), regions(0));
    assertThat(row(report(OBJECTS, empty)).truth()).isEqualTo("background");
  }

  @Test
  void theLegendNamesTheClassesThatAreShown() {
    Example example = example(regions(0, 2, 255, 255), regions(0, 1), regions(0, 0));
    assertThat(entries(report(OBJECTS, example)))
        .containsExactly(
            "background (left bare)",
            swatch(1) + " cat",
            swatch(2) + " &lt;dog&gt;",
            "#808080 unknown");
    assertThat(Annotation.UNKNOWN & 255).isEqualTo(255);
    assertThat(entries(report(STREET, example)))
        .startsWith(swatch(0) + " road", swatch(1) + " sky")
        .noneMatch(entry -> entry.contains("tree"));
  }

  @Test
  void theLegendIsThatOfTheRowsThatAreLeft() {
    List<Example> examples = new ArrayList<>();
    examples.add(example(regions(0), regions(0), regions(0)));
    for (int i = 0; i < Gallery.MOST; i++) {
      examples.add(example(regions(0, i < Gallery.MOST - 1 ? 1 : 3), regions(0), regions(0)));
    }
    assertThat(entries(report(STREET, examples))) // one more than are shown
        .containsExactly(swatch(0) + " road", swatch(1) + " sky");
    assertThat(entries(report(STREET, examples).withFewerExamples(1)))
        .containsExactly(swatch(0) + " road");
  }

  @Test
  void boxesHaveALegendOfThoseThatAreDrawn() {
    Example example = example(box(3, 1), box(2, .9), box(0, .1)); // the last too unsure
    assertThat(entries(report(STREET, example)))
        .containsExactly(swatch(2) + " car", swatch(3) + " tree");
  }

  @Test
  void oneClassAnImageNeedsNoLegend() {
    Finding cat = new Finding.OneClass(1);
    assertThat(legend(report(OBJECTS, example(cat, cat, cat)))).isEmpty();
    assertThat(legend(SampleResults.full())).isEmpty();
  }
}
