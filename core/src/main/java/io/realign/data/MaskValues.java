package io.realign.data;

import io.realign.io.InputException;
import io.realign.io.Mask;
import java.nio.file.Path;
import java.util.Arrays;

/** What the values in a dataset's mask files stand for. */
final class MaskValues {

  private static final int NONE = -1;
  private static final int VALUES = 256;

  private final int[] classOf;
  private final int classes;

  private MaskValues(int[] classOf, int classes) {
    this.classOf = classOf;
    this.classes = classes;
  }

  /** 0 to classes − 1 as they are, and 255, unknown. */
  static MaskValues plain(int classes) {
    int[] classOf = new int[VALUES];
    Arrays.fill(classOf, NONE);
    for (int i = 0; i < classes; i++) {
      classOf[i] = i;
    }
    classOf[VALUES - 1] = VALUES - 1;
    return new MaskValues(classOf, classes);
  }

  /** Value {@code ids[k]} stands for class k, every other one for unknown. */
  static MaskValues ids(int... ids) {
    int[] classOf = new int[VALUES];
    Arrays.fill(classOf, VALUES - 1);
    for (int k = 0; k < ids.length; k++) {
      classOf[ids[k]] = k;
    }
    return new MaskValues(classOf, ids.length);
  }

  /** These, and one more value for unknown. */
  MaskValues unknown(int value) {
    int[] others = classOf.clone();
    others[value] = VALUES - 1;
    return new MaskValues(others, classes);
  }

  /**
   * The class of each pixel.
   *
   * @throws InputException naming {@code file} and the value, if one stands for nothing
   */
  byte[] classes(Mask mask, Path file) {
    byte[] found = new byte[mask.values().length];
    for (int i = 0; i < found.length; i++) {
      int value = mask.values()[i] & 255;
      if (classOf[value] == NONE) {
        throw new InputException(
            "%s holds the value %d at column %d, row %d: expected 0 to %d, or 255 for unknown"
                .formatted(file, value, i % mask.width(), i / mask.width(), classes - 1));
      }
      found[i] = (byte) classOf[value];
    }
    return found;
  }
}
