package io.realign.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code realign train}. */
@Command(
    name = "train",
    description = "Trains a defense for a target, or a target.",
    synopsisSubcommandLabel = "defense|target",
    subcommands = {TrainDefenseCommand.class})
final class TrainCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "train what? defense or target");
  }
}
