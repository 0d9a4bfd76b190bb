package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.evaluate.Result;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @Test
  void loadsNothingFromAnywhere() {
    String html = HtmlReport.text(SampleResults.full());
    assertThat(html)
        .doesNotContain(
            "http:", "https:", "<script", "<link", "@import", "<iframe", "href=", "url(");
    Matcher source = Pattern.compile("src=\"([^\"]{0,22})").matcher(html);
    while (source.find()) {
      assertThat(source.group(1)).startsWith("data:image/png;base64,");
    }
  }

  @Test
  void saysInWordsWhatTheFiguresSay() {
    assertThat(HtmlReport.verdict(SampleResults.results(603, 640)))
        .startsWith(
            "PGD takes the undefended cifar-resnet20 from 91.5 % to 0.0 %; behind this defense"
                + " 60.3 % survive an attacker who does not know of it, 0.3 % one who does.")
        .contains(
            "The strongest attacker who knows of it (Margin) leaves 0.0 %.",
            "On clean images it costs 7.3 points: 84.2 % instead of 91.5 %.",
            "do not rely on it",
            "Scored on 1,000 images of cifar10 (test).");
    assertThat(HtmlReport.verdict(SampleResults.results().subList(0, 3)))
        .startsWith("PGD takes the undefended cifar-resnet20 from 91.5 % to 0.0 %. No defense");
    assertThat(HtmlReport.verdict(SampleResults.results().subList(0, 1)))
        .startsWith("cifar-resnet20 is right on 91.5 % of clean images; no attack was run.");
  }

  @Test
  void showsEveryPartThatIsGiven() {
    String html = HtmlReport.text(SampleResults.full());
    assertThat(html)
        .contains("<html lang=\"en\">", "60.3<small>57.2–63.3</small>", "n = 1,000, 12.3 seconds")
        .contains("id=\"images\"", "id=\"features\"", "id=\"training\"", "id=\"configuration\"")
        .contains("line 901 is torn", "&lt;reconstruction&gt;", "magnified ×\u00a015");
    assertThat(html.split("<img", -1)).hasSize(1 + 16 * 5);
    assertThat(html.split("alt=\"", -1)).hasSize(1 + 16 * 5);
  }

  @Test
  void tellsTheClassesApart() {
    List<Result> results = SampleResults.results().stream().map(SampleResults::byClass).toList();
    String html = HtmlReport.text(ReportContent.of("by class", results));
    assertThat(html).contains("id=\"classes\"", "Accuracy of each class in per cent");
    String row = html.substring(html.indexOf("&lt;dog&gt;</th>"));
    assertThat(row.substring(0, row.indexOf("</tr>")).split("class=\"num\"", -1))
        .hasSize(1 + 1 + results.size());
    assertThat(row)
        .startsWith("&lt;dog&gt;</th><td class=\"num\">500</td><td class=\"num\">45.8</td>");
    assertThat(HtmlReport.text(ReportContent.of("none", SampleResults.results())))
        .doesNotContain("id=\"classes\"");
  }

  @Test
  void needsNothingButResults() {
    String html = HtmlReport.text(ReportContent.of("A <b>", SampleResults.results()));
    assertThat(html).contains("<h1>A &lt;b&gt;</h1>", "id=\"provenance\"");
    assertThat(html).doesNotContain("id=\"images\"", "id=\"training\"", "<b>");
  }

  @Test
  void isWrittenWhole() {
    Path file = folder.resolve("out/report.html");
    HtmlReport.write(file, SampleResults.full());
    assertThat(file).content().endsWith("</html>\n");
    assertThat(folder.resolve("out").toFile().list()).containsExactly("report.html");
  }

  @Test
  void theTerminalTableIsAligned() {
    String text = ResultTable.text(SampleResults.results());
    assertThat(text)
        .contains("no defense\n", "defense defense.safetensors\n", "oblivious, %", "adaptive, %")
        .contains(" 60.3  [ 57.2,  63.3]", "  0.3  [  0.1,   0.9]", "pgd (ε 0.031, 8 steps)");
    List<String> block = text.lines().skip(6).filter(line -> line.startsWith("  ")).toList();
    assertThat(block).hasSize(4).extracting(String::length).containsOnly(block.get(0).length());
  }
}
