package io.realign.task;

import java.util.List;

/** What a net says, or what is true, of one image. */
public sealed interface Finding {

  /**
   * One class.
   *
   * @param label its index
   */
  record OneClass(int label) implements Finding {}

  /**
   * A class for each pixel.
   *
   * @param mask {@code H·W} unsigned bytes in row order, 255 where unknown
   */
  @SuppressWarnings("ArrayRecordComponent") // a pixel buffer: compared by nobody
  record Regions(byte[] mask) implements Finding {}

  /**
   * Objects.
   *
   * @param boxes edges of the image's side, highest score first
   */
  record Objects(List<DetectedBox> boxes) implements Finding {

    /** Copies the list. */
    public Objects {
      boxes = List.copyOf(boxes);
    }
  }
}
