package io.realign.export;

import io.realign.io.InputException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The kinds of files a defense can be written to. */
public enum ExportFormat {
  /** The weights of G, which {@code io.realign} and any other code of G's layers reads. */
  SAFETENSORS(List.of(".safetensors")),
  /** A program with its weights, for libtorch in any language. */
  TORCHSCRIPT(List.of(".pt", ".ts")),
  /** A graph with its weights, for ONNX Runtime and others. */
  ONNX(List.of(".onnx"));

  private final List<String> endings;

  ExportFormat(List<String> endings) {
    this.endings = endings;
  }

  /** The name on the command line: {@code onnx}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The format of that name.
   *
   * @throws InputException that lists the names, for another
   */
  public static ExportFormat parse(String text) {
    return Arrays.stream(values())
        .filter(format -> format.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new InputException("unknown format '" + text + "': one of " + names()));
  }

  /**
   * The format that the ending of a file's name stands for.
   *
   * @throws InputException if it stands for none
   */
  public static ExportFormat of(Path file) {
    String name = String.valueOf(file.getFileName());
    return Arrays.stream(values())
        .filter(format -> format.endings.stream().anyMatch(name::endsWith))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "%s: its ending does not tell the format: --format %s"
                        .formatted(file, names())));
  }

  private static String names() {
    return Arrays.stream(values()).map(ExportFormat::text).collect(Collectors.joining(", "));
  }
}
