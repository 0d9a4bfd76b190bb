package io.realign.cli;

import io.realign.io.Build;
import picocli.CommandLine;

/** What {@code --version} prints. */
final class Versions implements CommandLine.IVersionProvider {

  @Override
  public String[] getVersion() {
    Build build = Build.current();
    return new String[] {
      "realign " + build.version(),
      "commit " + build.commit(),
      "java " + Runtime.version(),
      "libtorch " + build.libtorch(),
    };
  }
}
