package io.realign.report;

import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Several runs on one page, each as it is: a defense under attacks of other constants, behind other
 * purifiers, in front of other targets. Nothing is compared.
 *
 * @param title of the page
 * @param text what a reader is told first; paragraphs with an empty line between them, or empty
 * @param runs at least one
 */
public record CollectedReport(String title, String text, List<ReportContent> runs) {

  /** Copies the list. */
  public CollectedReport {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new InputException("a report needs a run");
    }
  }

  /** Reads the files of runs' folders. */
  public static CollectedReport read(String title, String text, List<Path> folders) {
    return new CollectedReport(title, text, folders.stream().map(RunReport::read).toList());
  }

  /** Writes one self-contained HTML file, whole or not at all. */
  public void writeHtml(Path file) {
    AtomicFile.writeString(file, html());
  }

  /** The HTML page. */
  public String html() {
    StringBuilder body = new StringBuilder();
    for (String paragraph : text.strip().split("\\R\\s*\\R")) {
      if (!paragraph.isBlank()) {
        body.append(Page.paragraph("verdict", paragraph.strip().replaceAll("\\s+", " ")));
      }
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      ReportContent run = runs.get(i);
      names.add(run.title());
      body.append(Page.section("run" + i, run.title(), HtmlReport.findings(run)));
    }
    body.append(Page.section("words", "Words", Page.glossary()));
    for (int i = 0; i < runs.size(); i++) {
      String heading = "Provenance" + (runs.size() == 1 ? "" : ": " + runs.get(i).title());
      body.append(Page.section("provenance" + i, heading, HtmlReport.provenance(runs.get(i))));
    }
    return Page.of(
        title, "Realign · " + String.join(" · ", names), body.toString(), "Made by Realign.");
  }

  /** The tables of all runs, for a terminal. */
  public String tables() {
    StringBuilder out = new StringBuilder();
    for (ReportContent run : runs) {
      out.append(out.length() == 0 ? "" : "\n").append("== ").append(run.title()).append('\n');
      out.append(ResultTable.text(run.results()));
    }
    return out.toString();
  }
}
