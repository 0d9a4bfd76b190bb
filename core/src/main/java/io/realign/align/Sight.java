package io.realign.align;

/** What of an image a generator sees at once: what tiles of a large image must know. */
public sealed interface Sight {

  /** The least height and width in pixels that the generator takes. */
  int least();

  /**
   * Each repaired pixel depends on the pixels within {@code reach} rows and columns of it, and on
   * nothing else. Tiles that overlap by twice as much give what the whole image gives.
   *
   * @param multiple the whole image and its parts agree where parts begin at multiples of this
   */
  record Near(int multiple, int reach) implements Sight {
    @Override
    public int least() {
      return Math.max(16, 2 * multiple);
    }
  }

  /**
   * Each repaired pixel depends on the whole image, through statistics of it or many layers. What
   * tiles give is not what the whole image gives.
   *
   * @param multiple as in {@link Near}
   */
  record Far(int multiple) implements Sight {
    @Override
    public int least() {
      return Math.max(16, 2 * multiple);
    }
  }

  /** The generator resizes an image of any size to {@code side}², repairs it there, and resizes. */
  record Resized(int side) implements Sight {
    @Override
    public int least() {
      return 1;
    }
  }
}
