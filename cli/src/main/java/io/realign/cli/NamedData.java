package io.realign.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A data set that a command is about, and the folder that holds it. */
final class NamedData {

  @Parameters(paramLabel = "NAME", description = "A data set from 'realign data list'.")
  private String name = "";

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "The folder that holds it; for your own images their folder. Scenes need none.")
  private @Nullable Path folder;

  String name() {
    return name;
  }

  Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }
}
