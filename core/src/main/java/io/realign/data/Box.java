package io.realign.data;

/**
 * An object's box.
 *
 * @param label its class
 * @param left first column, in pixels, as is
 * @param top first row
 * @param right one past the last column
 * @param bottom one past the last row
 * @param difficult whether a detector may miss it: metrics then leave it out, as VOC's do
 */
public record Box(int label, float left, float top, float right, float bottom, boolean difficult) {

  /** One that counts. */
  public Box(int label, float left, float top, float right, float bottom) {
    this(label, left, top, right, bottom, false);
  }

  /** The same object elsewhere. */
  public Box at(float newLeft, float newTop, float newRight, float newBottom) {
    return new Box(label, newLeft, newTop, newRight, newBottom, difficult);
  }

  /** In square pixels. */
  public float area() {
    return (right - left) * (bottom - top);
  }
}
