package io.realign.align;

import io.realign.io.Safetensors;
import io.realign.target.TargetName;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code defense.safetensors} says of its making. Files of earlier versions say less.
 *
 * @param metadata of the file
 */
public record DefenseOrigin(Map<String, String> metadata) {

  /** The key of the net that it was trained for, as {@link TargetName#withoutFolder} has it. */
  public static final String TARGET = "target";

  /** The key of {@link TargetName#sha256} of that net. */
  public static final String TARGET_SHA256 = "target_sha256";

  /** The key of the names of the classes of that net, a JSON list. */
  public static final String CLASS_NAMES = "class_names";

  private static final int DIGITS = 8; // of a sum that are told

  /** Copies the map. */
  public DefenseOrigin {
    metadata = Map.copyOf(metadata);
  }

  /**
   * Reads it.
   *
   * @throws io.realign.io.InputException if the file is missing or broken
   */
  public static DefenseOrigin read(Path defense) {
    return new DefenseOrigin(Safetensors.readMetadata(defense));
  }

  /**
   * What to tell of a net that stands behind the defense and is none that it was trained for: that
   * is allowed, but figures of the one say little of the other.
   *
   * @param defense what to call it
   * @param targetSha256 of the net behind it
   * @return one line; empty for the net that it was trained for, and where the file says nothing
   */
  public Optional<String> note(Path defense, String targetSha256) {
    return trainedFor()
        .filter(sum -> !sum.equals(targetSha256))
        .map(
            sum ->
                "%s was trained for another net (%s, SHA-256 %s…) than this one (%s…), which it may protect less"
                    .formatted(
                        defense.getFileName(),
                        metadata.getOrDefault(TARGET, "of no name"),
                        shown(sum),
                        shown(targetSha256)));
  }

  /** The sum of the net that it was trained for, where the file says it. */
  public Optional<String> trainedFor() {
    return Optional.ofNullable(metadata.get(TARGET_SHA256)).filter(sum -> !sum.isEmpty());
  }

  private static String shown(String sum) {
    return sum.substring(0, Math.min(DIGITS, sum.length()));
  }
}
