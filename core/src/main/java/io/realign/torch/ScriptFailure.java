package io.realign.torch;

import java.util.List;

/** A TorchScript program that cannot be read or fails while it runs; one line. */
public final class ScriptFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  ScriptFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * What libtorch says in many lines, in one: a program's error is the last line that names one,
   * libtorch's own the first.
   */
  public static String reason(RuntimeException e) {
    List<String> lines =
        String.valueOf(e.getMessage())
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty() && !line.startsWith("Exception raised from"))
            .toList();
    return lines.stream()
        .filter(line -> line.matches("(?:[\\w.]*Error|[\\w.]*Exception): .*"))
        .reduce((first, last) -> last)
        .map(line -> line.substring(line.indexOf(": ") + 2))
        .orElse(lines.isEmpty() ? e.getClass().getSimpleName() : lines.getFirst());
  }
}
