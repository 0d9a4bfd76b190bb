package io.realign.align;

/**
 * One side of an image cut into overlapping tiles of one size, and what each tile counts at each
 * place: 1 in its middle; where it meets the next one both are blended, so that all weights at a
 * place add up to 1. Next to its own edges a tile counts nothing.
 *
 * @param size pixels
 * @param tile pixels of a tile; the last may be longer by less than a multiple
 * @param starts of the tiles, multiples of what the generator needs
 * @param blend pixels over which one tile takes over from the other, in the middle of what both
 *     cover
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Axis(int size, int tile, int[] starts, int blend) {

  /**
   * Cuts.
   *
   * @param multiple of which starts and {@code tile} are multiples
   * @param margin next to an inner edge of a tile that must count nothing
   * @param blend as above
   */
  static Axis cut(int size, int tile, int multiple, int margin, int blend) {
    if (size < tile + multiple) {
      return new Axis(size, size, new int[1], blend);
    }
    int overlap = 2 * margin + blend;
    int count = Math.ceilDiv(size - overlap, tile - overlap - multiple);
    int[] starts = new int[count];
    for (int i = 1; i < count; i++) {
      long even = (long) i * (size - tile) / (count - 1);
      starts[i] = (int) (even / multiple * multiple);
    }
    return new Axis(size, tile, starts, blend);
  }

  int count() {
    return starts.length;
  }

  int start(int i) {
    return starts[i];
  }

  int end(int i) {
    return i == starts.length - 1 ? size : starts[i] + tile;
  }

  /** The weight of tile {@code i} at {@code place}, which it covers. */
  float weight(int i, int place) {
    float weight = 1;
    if (i > 0) {
      weight *= share(i - 1, place);
    }
    if (i < starts.length - 1) {
      weight *= 1 - share(i, place);
    }
    return weight;
  }

  /** What tile {@code i + 1} counts where it meets tile {@code i}: from 0 to 1. */
  private float share(int i, int place) {
    float middle = (starts[i + 1] + end(i)) / 2f;
    return Math.clamp((place + .5f - middle) / blend + .5f, 0f, 1f);
  }
}
