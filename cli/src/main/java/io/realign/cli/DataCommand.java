package io.realign.cli;

import io.realign.io.Catalog;
import io.realign.io.Catalog.Fetched;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code realign data}: what can be downloaded, and downloading it. */
@Command(
    name = "data",
    description = "Lists data sets and weights, and downloads them with a checksum.",
    synopsisSubcommandLabel = "list|fetch")
final class DataCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "data what? list or fetch");
  }

  @Command(name = "list", description = "Lists what 'fetch' knows, and where it comes from.")
  void list() {
    PrintWriter out = spec.commandLine().getOut();
    Catalog catalog = Catalog.official();
    for (String name : catalog.names()) {
      Catalog.Item item = catalog.item(name);
      out.printf("%-16s%-40s%s%n", name, item.path(), item.file().address());
    }
    out.printf("%-16s%-40s%s%n", "scenes", "(drawn from a seed)", "needs no download");
  }

  @Command(
      name = "fetch",
      description = "Downloads a data set or weights; goes on where a broken download stopped.",
      footer = {"", "Example: realign data fetch cifar10 --data-dir DIR"})
  void fetch(
      @Parameters(paramLabel = "NAME", description = "A name from 'realign data list'.")
          String name,
      @Option(
              names = "--data-dir",
              paramLabel = "DIR",
              defaultValue = "data",
              description = "The folder that holds all data; default: ${DEFAULT-VALUE}.")
          Path dataDir) {
    try (ProgressLine progress = new ProgressLine(spec.commandLine().getErr())) {
      Fetched fetched = Catalog.official().fetch(name, dataDir, progress);
      progress.close();
      spec.commandLine()
          .getOut()
          .println(fetched.path() + (fetched.wasThere() ? " is there already" : " is ready"));
    }
  }
}
