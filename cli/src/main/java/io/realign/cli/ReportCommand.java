package io.realign.cli;

import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import io.realign.report.CollectedReport;
import io.realign.report.CompareReport;
import io.realign.report.HtmlReport;
import io.realign.report.PairedComparison;
import io.realign.report.ReportContent;
import io.realign.report.ResultTable;
import io.realign.report.RunReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code realign report}: the report of one run again, or a comparison of several. */
@Command(
    name = "report",
    description = "Makes the report of a run again, or compares several runs.",
    footer = {
      "",
      "Examples: realign report runs/first runs/second --out compare.html",
      "          realign report --together runs/known runs/unknown --text summary.txt",
      "          realign report base-1 base-2 base-3 --against new-1 new-2 new-3"
    })
final class ReportCommand implements Runnable {

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN",
      description = "Folders that hold results.json; the first is what others are compared with.")
  private List<Path> runs = new ArrayList<>();

  @Option(
      names = "--against",
      arity = "1..*",
      paramLabel = "RUN",
      description =
          "Runs of another setting, in the same order: the first with the first, and so on. "
              + "Prints the mean of the paired differences and its 95 %% interval.")
  private List<Path> against = new ArrayList<>();

  @Option(
      names = "--together",
      description = "Puts runs on one page, each as it is, instead of comparing them.")
  private boolean together;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      defaultValue = "Evaluation",
      description = "With --together: of the page. Default: ${DEFAULT-VALUE}.")
  private String title = "";

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description = "With --together: what the reader is told first, as plain text.")
  private @Nullable Path text;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "The page; default: report.html in the run's folder or, of several, here; "
              + "compare.html for a comparison. "
              + "A page that is made again lacks the images of the evaluation's own. "
              + "With --against: a JSON file; default: none.")
  private @Nullable Path out;

  @Option(names = "--overwrite", description = "Replaces the page if it is there.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter console = spec.commandLine().getOut();
    if (text != null && !together) {
      throw new InputException("--text belongs to --together");
    }
    if (together && !against.isEmpty()) {
      throw new InputException("--together compares nothing: leave --against out");
    }
    if (!against.isEmpty()) {
      pairs(console);
      return;
    }
    Path page;
    if (together) {
      CollectedReport collected = CollectedReport.read(title, text(), runs);
      page = checked(out == null ? Path.of(HtmlReport.FILE) : out);
      collected.writeHtml(page);
      console.print(collected.tables());
    } else if (runs.size() == 1) {
      ReportContent content = RunReport.read(runs.getFirst());
      page = checked(out == null ? runs.getFirst().resolve(HtmlReport.FILE) : out);
      HtmlReport.write(page, content);
      console.print(ResultTable.text(content.results()));
    } else {
      page = checked(out == null ? Path.of("compare.html") : out);
      CompareReport comparison = CompareReport.read(runs);
      comparison.writeHtml(page);
      console.print(comparison.text());
    }
    console.println();
    console.println("report: " + page);
  }

  private String text() {
    if (text == null) {
      return "";
    }
    try {
      return Files.readString(text);
    } catch (IOException e) {
      throw new InputException(text + " cannot be read: " + e.getMessage(), e);
    }
  }

  private void pairs(PrintWriter console) {
    PairedComparison comparison = PairedComparison.read(runs, against);
    console.print(comparison.text());
    if (out != null) {
      AtomicFile.writeString(checked(out), comparison.json());
      console.println();
      console.println("figures: " + out);
    }
  }

  private Path checked(Path page) {
    if (Files.exists(page) && !overwrite) {
      throw new InputException(page + " is there already: another --out, or --overwrite");
    }
    return page;
  }
}
