package io.realign.cli;

import io.realign.align.DefenseOrigin;
import io.realign.data.Dataset;
import io.realign.io.InputException;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** Loads targets, and the option that lets a program be one. */
final class TargetOptions {

  private static final int NAMES_TOLD = 3;

  @Option(
      names = "--trust-script",
      description =
          "Lets a TorchScript target run: it is a program, and does what its maker wrote. "
              + "Give it for files of people you trust.")
  private boolean trustScript;

  Trust trust() {
    return trustScript ? Trust.SCRIPTS : Trust.DATA_ONLY;
  }

  /** Loads a target and tells {@code err} what is peculiar about it. */
  Target load(TargetName name, Compute compute, PrintWriter err) {
    Target target = Targets.load(name, trust(), compute);
    target.notes().forEach(note -> err.println("note: " + note));
    err.flush();
    return target;
  }

  /** Tells {@code err} if a defense was trained for another net than the one behind it. */
  static void tellOfAnother(Path defense, String targetSha256, PrintWriter err) {
    DefenseOrigin.read(defense)
        .note(defense, targetSha256)
        .ifPresent(note -> err.println("note: " + note));
    err.flush();
  }

  /**
   * Checks that a target and a dataset tell the same classes apart, as far as both name them.
   *
   * @throws InputException if they are as many, but in another order
   */
  static void checkClasses(Target net, Dataset images, PrintWriter err) {
    List<String> named = net.classNames();
    List<String> there = net.task().classes(images);
    if (named.size() != there.size() || named.equals(there)) {
      return; // that they are as many is checked where labels are used
    }
    List<Integer> others =
        IntStream.range(0, named.size())
            .filter(i -> !named.get(i).equals(there.get(i)))
            .boxed()
            .toList();
    String shown =
        String.join(
            ", ",
            others.stream()
                .limit(NAMES_TOLD)
                .map(i -> "%d is %s there, %s here".formatted(i, there.get(i), named.get(i)))
                .toList());
    if (Set.copyOf(named).equals(Set.copyOf(there))) {
      throw new InputException(
          "%s has the classes of %s in another order: %s"
              .formatted(net.name(), images.name(), shown));
    }
    err.printf(
        "note: classes are taken by position; %d of %s and %s differ in name: %s%n",
        others.size(), images.name(), net.name(), shown);
    err.flush();
  }
}
