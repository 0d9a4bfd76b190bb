package io.realign.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code realign train}: targets and defenses. */
@Command(
    name = "train",
    description = "Trains a target net, or a defense for one.",
    synopsisSubcommandLabel = "target|defense",
    subcommands = {TrainTargetCommand.class, TrainDefenseCommand.class})
final class TrainCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "train what? target or defense");
  }
}
