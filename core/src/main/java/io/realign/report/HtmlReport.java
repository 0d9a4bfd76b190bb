package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Result.AttackCell;
import io.realign.io.AtomicFile;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A run's report: one HTML file that loads nothing, readable in the dark, on a phone and on paper.
 */
public final class HtmlReport {

  /** The file's name within a run's folder. */
  public static final String FILE = "report.html";

  private final ReportContent content;
  private final ResultMatrix matrix;

  private HtmlReport(ReportContent content) {
    this.content = content;
    matrix = ResultMatrix.of(content.results());
  }

  /** Writes {@code file} whole or not at all. */
  public static void write(Path file, ReportContent content) {
    AtomicFile.writeString(file, text(content));
  }

  /** The page's text. */
  public static String text(ReportContent content) {
    return new HtmlReport(content).page();
  }

  /** What the results say, in a paragraph of plain words. */
  public static String verdict(List<Result> results) {
    return Verdict.of(results);
  }

  private String page() {
    Result any = content.results().get(0);
    StringBuilder body = new StringBuilder();
    body.append(Page.paragraph("verdict", Verdict.of(content.results())));
    content.notes().forEach(note -> body.append(Page.paragraph("note", note)));
    body.append(
        Page.section(
            "results",
            "Results",
            ResultsSection.html(matrix)
                + (matrix.attacks().isEmpty() ? "" : new AccuracyChart(matrix).figure())));
    ClassesSection.html(content.results())
        .ifPresent(table -> body.append(Page.section("classes", "By class", table)));
    if (!content.signs().isEmpty()) {
      body.append(
          Page.section("masking", "Gradient masking", MaskingSection.html(content.signs())));
    }
    List<Panel> sweep = SweepSection.panels(content.sweep());
    if (!sweep.isEmpty()) {
      String lead = Page.paragraph("lead", SweepSection.LEAD);
      body.append(Page.section("sweep", "Radius and steps", lead + panels(sweep)));
    }
    content
        .gallery()
        .filter(gallery -> !gallery.rows().isEmpty())
        .ifPresent(g -> body.append(Page.section("images", "Images", GallerySection.html(g))));
    content
        .embedding()
        .ifPresent(e -> body.append(Page.section("features", "Feature space", embedding(e))));
    if (!content.panels().isEmpty()) {
      body.append(Page.section("training", "Training", panels(content.panels())));
    }
    body.append(Page.section("words", "Words", Page.glossary()));
    if (!content.configYaml().isBlank()) {
      body.append(
          Page.section(
              "configuration",
              "Configuration",
              "<pre tabindex=\"0\"><code>"
                  + Text.html(content.configYaml().strip())
                  + "</code></pre>"));
    }
    body.append(Page.section("provenance", "Provenance", provenance()));
    return Page.of(
        content.title(),
        "Realign · %s · %s %s · %s".formatted(any.task(), any.dataset(), any.split(), any.target()),
        body.toString(),
        "Made by Realign "
            + any.provenance().versions().getOrDefault("realign", "")
            + ". The same figures for programs: "
            + ResultsJson.FILE
            + ".");
  }

  private static String embedding(Embedding embedding) {
    ScatterChart chart = new ScatterChart(embedding);
    StringBuilder out = new StringBuilder();
    out.append(
        Page.paragraph(
            "lead",
            "t-SNE of the target's features. All images are laid out together, so places can be"
                + " compared between the panels; each panel colours its own images by true class"
                + " and leaves the others grey."));
    out.append("<div class=\"grid four\">");
    for (Embedding.Kind kind : Embedding.Kind.values()) {
      if (embedding.points().stream().anyMatch(point -> point.kind() == kind)) {
        out.append(
            "<figure><figcaption>%s <span class=\"kind\">%s</span></figcaption>%s</figure>"
                .formatted(symbol(kind), kind.words, chart.svg(kind)));
      }
    }
    out.append("</div>");
    if (chart.named()) {
      out.append("<ul class=\"legend\">");
      for (int label = 0; label < embedding.classes().size(); label++) {
        out.append(
            "<li>%s %s</li>"
                .formatted(chart.key(label), Text.html(embedding.classes().get(label))));
      }
      out.append("</ul>");
    }
    return out.toString();
  }

  private static String symbol(Embedding.Kind kind) {
    int bar = kind.symbol.indexOf('_');
    return kind.symbol.substring(0, bar) + "<sub>" + kind.symbol.substring(bar + 1) + "</sub>";
  }

  private static String panels(List<Panel> panels) {
    boolean loggable = panels.stream().anyMatch(LineChart::loggable);
    StringBuilder out = new StringBuilder("<div class=\"curves\">");
    if (loggable) {
      out.append(
          "<input type=\"checkbox\" id=\"log\"><label for=\"log\">logarithmic loss axes</label>");
    }
    out.append("<div class=\"grid\">");
    for (Panel panel : panels) {
      out.append("<figure><figcaption>").append(Text.html(panel.title()));
      if (panel.curves().size() == 1) {
        out.append(" <span class=\"kind\">%s</span>".formatted(last(panel, panel.curves().get(0))));
      }
      out.append("</figcaption>");
      if (LineChart.loggable(panel)) {
        out.append("<div class=\"linear\">").append(LineChart.svg(panel, false)).append("</div>");
        out.append("<div class=\"log\">").append(LineChart.svg(panel, true)).append("</div>");
      } else {
        out.append(LineChart.svg(panel, false));
      }
      if (panel.curves().size() > 1) {
        out.append("<ul class=\"legend\">");
        for (int i = 0; i < panel.curves().size(); i++) {
          Panel.Curve curve = panel.curves().get(i);
          out.append(
              "<li><svg class=\"key\" viewBox=\"0 0 18 12\" aria-hidden=\"true\"><path class=\"line s%d\" d=\"M0 6H18\"/></svg> %s <span class=\"kind\">%s</span></li>"
                  .formatted(i % 6, Text.html(curve.name()), last(panel, curve)));
        }
        out.append("</ul>");
      }
      out.append("</figure>");
    }
    return out.append("</div></div>").toString();
  }

  private static String last(Panel panel, Panel.Curve curve) {
    return "last "
        + LineChart.value(panel, curve.points().getLast().value()).replace(" ", "\u00a0");
  }

  /** What a run found, without images and settings: the insides of a section. */
  static String findings(ReportContent content) {
    ResultMatrix matrix = ResultMatrix.of(content.results());
    StringBuilder out = new StringBuilder();
    out.append(Page.paragraph("lead", Verdict.of(content.results())));
    out.append(ResultsSection.html(matrix));
    if (!matrix.attacks().isEmpty()) {
      out.append(new AccuracyChart(matrix).figure());
    }
    if (!content.signs().isEmpty()) {
      out.append("<h3>Gradient masking</h3>").append(MaskingSection.html(content.signs()));
    }
    List<Panel> sweep = SweepSection.panels(content.sweep());
    if (!sweep.isEmpty()) {
      out.append("<h3>Radius and steps</h3>").append(Page.paragraph("lead", SweepSection.LEAD));
      out.append(panels(sweep));
    }
    return out.toString();
  }

  static String provenance(ReportContent content) {
    return new HtmlReport(content).provenance();
  }

  private String provenance() {
    List<Result> results = content.results();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Target", all(results.stream().map(Result::target).toList()));
    facts.put(
        "Target weights", all(results.stream().map(r -> text(r.weights().target())).toList()));
    facts.put(
        "Defense weights", all(results.stream().map(r -> text(r.weights().defense())).toList()));
    facts.put(
        "Images",
        all(
            results.stream()
                .map(r -> "%s %s, n = %s".formatted(r.dataset(), r.split(), Text.count(r.n())))
                .toList()));
    for (ResultMatrix.Attack attack : matrix.attacks()) {
      AttackCell cell = attack.cell();
      facts.merge(
          Text.attack(cell.name()), Text.parameters(cell), (before, more) -> before + "; " + more);
    }
    facts.put("Seed", all(results.stream().map(r -> "" + r.provenance().seed()).toList()));
    facts.put("Commit", all(results.stream().map(r -> r.provenance().commit()).toList()));
    facts.put("Machine", all(results.stream().map(r -> r.provenance().machine()).toList()));
    facts.put(
        "Versions",
        all(
            results.stream()
                .map(
                    r ->
                        r.provenance().versions().entrySet().stream()
                            .sorted(Map.Entry.comparingByKey())
                            .map(entry -> entry.getKey() + " " + entry.getValue())
                            .collect(Collectors.joining(", ")))
                .toList()));
    facts.put(
        "Time",
        Text.fixed(results.stream().mapToDouble(Result::seconds).sum(), 1)
            + " s over all figures; images that several share count for each");
    StringBuilder out = new StringBuilder("<table class=\"facts\"><tbody>");
    facts.forEach(
        (name, fact) -> {
          if (!fact.isEmpty()) {
            out.append(
                "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n"
                    .formatted(Text.html(name), Text.html(fact)));
          }
        });
    return out.append("</tbody></table>").toString();
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  /** The distinct values, empty ones left out. */
  private static String all(Collection<String> values) {
    Set<String> distinct = new LinkedHashSet<>(values);
    distinct.remove("");
    return String.join("; ", distinct);
  }
}
