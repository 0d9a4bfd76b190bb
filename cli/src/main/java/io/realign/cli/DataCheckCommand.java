package io.realign.cli;

import io.realign.data.DataCheck;
import io.realign.data.Datasets;
import io.realign.data.Labelling;
import io.realign.data.Part;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign data check}: all that is wrong with the files of a dataset. */
@Command(
    name = "check",
    description = "Reads every image and annotation; tells all that would be refused.",
    footer = {
      "",
      "Boxes that are cut or left out are told too, as repaired.",
      "Exit code: 0 if nothing would be refused, 1 if something would.",
      "Example: realign data check mask-folder --data-dir DIR"
    })
final class DataCheckCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private final NamedData data = new NamedData();

  @Option(
      names = "--labels",
      paramLabel = "KIND",
      description = "Its masks or its boxes alone; default: all that it has.")
  private @Nullable Labelling labels;

  @Option(
      names = "--split",
      paramLabel = "PART",
      description = "test, val or train alone; default: all that it has.")
  private @Nullable String split;

  @Override
  public Integer call() {
    List<Labelling> labellings =
        Optional.ofNullable(labels).map(List::of).orElseGet(() -> Datasets.labellings(data.name()));
    PrintWriter out = spec.commandLine().getOut();
    if (Datasets.isDrawn(data.name())) {
      out.println(data.name() + " are drawn: there are no files to check");
      return ExitCode.DONE;
    }
    List<Part> parts = Optional.ofNullable(split).map(Part::of).stream().toList();
    DataCheck.Outcome outcome;
    try (UnitProgress progress = new UnitProgress(spec.commandLine().getErr(), "checking")) {
      outcome =
          DataCheck.run(data.name(), data.folder(), labellings, parts, new Told(out, progress));
    }
    out.println(data.name() + ": " + summary(outcome));
    return outcome.refused() == 0 ? ExitCode.DONE : ExitCode.FAILED;
  }

  /** Prints what is found at once: a long check may be stopped. */
  private record Told(PrintWriter out, UnitProgress progress) implements DataCheck.Listener {

    @Override
    public void refused(String what) {
      print("refused: " + what);
    }

    @Override
    public void repaired(String what) {
      print("repaired: " + what);
    }

    @Override
    public void noted(String what) {
      progress.say("note: " + what);
    }

    @Override
    public void advanced(long done, long total) {
      progress.advanced(done, total);
    }

    private void print(String line) {
      progress.close();
      out.println(line);
      out.flush();
    }
  }

  private static String summary(DataCheck.Outcome outcome) {
    List<String> read = new ArrayList<>();
    boolean several =
        outcome.checked().stream().map(DataCheck.Checked::labelling).distinct().count() > 1;
    for (DataCheck.Checked each : outcome.checked()) {
      read.add(
          String.format(
              Locale.ROOT,
              "%s%s %,d",
              several ? each.labelling().name().toLowerCase(Locale.ROOT) + " of " : "",
              each.part().word(),
              each.images()));
    }
    return String.format(
        Locale.ROOT,
        "%s; %s refused, %s repaired",
        read.isEmpty() ? "nothing to read" : "images read: " + String.join(", ", read),
        outcome.refused() == 0 ? "nothing" : String.format(Locale.ROOT, "%,d", outcome.refused()),
        outcome.repaired() == 1
            ? "1 box"
            : String.format(Locale.ROOT, "%,d boxes", outcome.repaired()));
  }
}
