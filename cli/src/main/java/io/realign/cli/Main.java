package io.realign.cli;

import io.realign.bench.BenchCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code realign} command. */
@SuppressWarnings("UnusedVariable") // picocli reads the options
@Command(
    name = "realign",
    description = {
      "Repairs adversarial images for a frozen vision model, and measures how well.",
      "",
      "Start with 'realign quickstart'; 'realign COMMAND --help' explains a command."
    },
    customSynopsis = "realign COMMAND [OPTIONS]",
    versionProvider = Versions.class,
    subcommands = {
      QuickstartCommand.class,
      DataCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      ReportCommand.class,
      BenchCommand.class,
      AttackCommand.class,
      PurifyCommand.class,
      ExportCommand.class,
      ServeCommand.class,
      InspectCommand.class
    },
    optionListHeading = "%nOptions:%n",
    footer = {
      "",
      "Examples:",
      "  realign quickstart",
      "      train a small net and a defense on drawn scenes, attack both, report",
      "  realign train defense --target cifar-resnet20@resnet20.safetensors \\",
      "      --data cifar10 --data-dir DIR --profile small --minutes 60 \\",
      "      --out runs/defense",
      "      train the paper's defense for a net of yours",
      "  realign evaluate --target cifar-resnet20@resnet20.safetensors \\",
      "      --defense runs/defense/defense.safetensors \\",
      "      --data cifar10 --data-dir DIR --attacks pgd,margin --out runs/measured",
      "      measure it: attackers who do not know of it, and attackers who do",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong input, 3 not known (inspect),",
      "  130 interrupted.",
      "Environment: REALIGN_HEAP, REALIGN_MEMORY (such as 1g, 12g), REALIGN_THREADS,",
      "  REALIGN_JAVA_OPTS; REALIGN_DEBUG=1 prints the stack trace of an error."
    })
public final class Main implements Runnable {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Explains the command.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Prints the versions of Realign, Java and libtorch, and the commit.")
  private boolean version;

  @Spec private CommandSpec spec;

  private Main() {}

  /**
   * Runs the command line and ends the process with its exit code. Where no job listens, Ctrl-C
   * ends it at once: libtorch would be torn down under threads that run it otherwise.
   */
  public static void main(String[] args) {
    for (String signal : List.of("INT", "TERM")) {
      Signals.handle(signal, () -> Runtime.getRuntime().halt(ExitCode.INTERRUPTED));
    }
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(run(args, out, err));
  }

  /**
   * Runs the command line.
   *
   * @param args the words after {@code realign}
   * @param out takes results
   * @param err takes errors and progress
   * @return the exit code: 0 done, 1 failed, 2 wrong input, 3 not known, 130 interrupted
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    Failures failures = new Failures("1".equals(System.getenv("REALIGN_DEBUG")));
    CommandLine command =
        new CommandLine(new Main())
            .setOut(out)
            .setErr(err)
            .setParameterExceptionHandler(failures)
            .setExecutionExceptionHandler(failures)
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpAutoWidth(true);
    command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, new CommandGroups());
    int code;
    try {
      code = command.execute(args);
    } catch (LinkageError | OutOfMemoryError e) {
      code = failures.handleError(e, err);
    }
    out.flush();
    err.flush();
    return code;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }
}
