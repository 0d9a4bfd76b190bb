package io.realign.target;

import io.realign.io.Checksum;
import io.realign.io.InputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A target as the command line names it: {@code ARCH@FILE} for weights of an architecture that is
 * known here, {@code MODEL.yaml} for a TorchScript program that the file describes.
 *
 * @param text the words
 */
public record TargetName(String text) {

  private static final String FORMS =
      "ARCH@FILE is one, such as cifar-resnet20@resnet20.safetensors, or MODEL.yaml for TorchScript";

  /** Checks the form. */
  public TargetName {
    if (text.indexOf('\0') >= 0) {
      throw new InputException("'" + text + "' is no target: no file has such a name");
    }
    int at = text.indexOf('@');
    boolean weights = at >= 1 && at < text.length() - 1;
    if (!weights && !isDescription(text)) {
      throw new InputException(
          "'%s' is no target: %s%s".formatted(text, FORMS, isProgram(text) ? hint(text) : ""));
    }
  }

  /** Folders may have an @ in their names. */
  private static boolean isDescription(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return (lower.endsWith(".yaml") || lower.endsWith(".yml"))
        && (!startsWithArchitecture(text) || Files.exists(Path.of(text)));
  }

  private static boolean startsWithArchitecture(String text) {
    int at = text.indexOf('@');
    return at > 0 && Architectures.knows(text.substring(0, at).replaceFirst(":.*", ""));
  }

  private static boolean isProgram(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return lower.endsWith(".pt") || lower.endsWith(".pth") || lower.endsWith(".ts");
  }

  private static String hint(String text) {
    return "; 'realign inspect " + text + "' says which, and writes the YAML";
  }

  /** Whether it is a TorchScript program. */
  public boolean isScript() {
    return isDescription(text);
  }

  /**
   * What stands before the file: {@code ARCH}, {@code ARCH:SIZE} or {@code ARCH:SIZE/SEEN}; nothing
   * for a script.
   */
  String architecture() {
    return isScript() ? "" : text.substring(0, text.indexOf('@'));
  }

  /** The file that is named: weights, or the description of a script. */
  public Path file() {
    return Path.of(isScript() ? text : text.substring(text.indexOf('@') + 1));
  }

  /** The same with its file looked for beside another, unless its path is absolute. */
  public TargetName beside(Path other) {
    String found = other.resolveSibling(file()).toString();
    return new TargetName(isScript() ? found : architecture() + "@" + found);
  }

  /** The same without the file's folder: records are passed on. */
  public String withoutFolder() {
    String file = String.valueOf(file().getFileName());
    return isScript() ? file : architecture() + "@" + file;
  }

  /**
   * What tells one target from another: the SHA-256 of the weight file; for a script that of the
   * list of SHA-256 sums of its description and the files that it names, a line each.
   *
   * @throws InputException if a file is missing
   */
  public String sha256() {
    if (!isScript()) {
      return Checksum.sha256(file());
    }
    ScriptConfig config = ScriptConfig.read(file());
    String sums =
        List.of(List.of(file()), config.files()).stream()
            .flatMap(List::stream)
            .map(Checksum::sha256)
            .collect(Collectors.joining("\n"));
    return Checksum.sha256(sums.getBytes(StandardCharsets.US_ASCII));
  }
}
