package io.realign.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command line in a Java process of its own. */
final class MainProcess {

  private MainProcess() {}

  /**
   * Not started yet.
   *
   * @param property a system property and its value, {@code name=value}
   * @param args the command and what follows it
   */
  static ProcessBuilder of(String property, List<String> args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:-UsePerfData",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + property,
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
    command.addAll(args);
    return new ProcessBuilder(command);
  }
}
