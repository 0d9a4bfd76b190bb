package io.realign.cli;

import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import io.realign.report.CompareReport;
import io.realign.report.HtmlReport;
import io.realign.report.PairedComparison;
import io.realign.report.ReportContent;
import io.realign.report.ResultTable;
import io.realign.report.RunReport;
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
      description = {
        "Runs of another setting, in the same order: the first with the first, and so on.",
        "Prints the mean of the paired differences and its 95 %% interval."
      })
  private List<Path> against = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = {
        "The page; default: report.html in the run's folder, or compare.html.",
        "A page that is made again lacks the images of the evaluation's own.",
        "With --against: a JSON file; default: none."
      })
  private @Nullable Path out;

  @Option(names = "--overwrite", description = "Replaces the page if it is there.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter console = spec.commandLine().getOut();
    if (!against.isEmpty()) {
      pairs(console);
      return;
    }
    Path page;
    if (runs.size() == 1) {
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
