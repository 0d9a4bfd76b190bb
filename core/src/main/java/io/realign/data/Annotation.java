package io.realign.data;

import java.util.List;

/**
 * What is known about an image.
 *
 * @param label the class of the image; where it shows several, that of the largest object
 * @param mask {@code H·W} unsigned bytes in row order, indices of {@link Dataset#maskClasses}, 255
 *     where unknown; empty when the dataset has no masks
 * @param boxes the objects; empty when the dataset has no boxes
 */
@SuppressWarnings("ArrayRecordComponent") // a pixel buffer: compared by nobody
public record Annotation(int label, byte[] mask, List<Box> boxes) {

  /** What a mask holds where the class is unknown: no metric and no loss counts it. */
  public static final byte UNKNOWN = (byte) 255;

  /** An image with a class alone. */
  public static Annotation ofClass(int label) {
    return new Annotation(label, new byte[0], List.of());
  }
}
