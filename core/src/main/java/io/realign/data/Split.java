package io.realign.data;

import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A dataset in two parts without a common image, drawn by seed.
 *
 * @param train what remains, in the dataset's order
 * @param val what was held out, in the dataset's order
 */
public record Split(Subset train, Subset val) {

  /**
   * Holds out a part of the images, rounded, but at least one.
   *
   * @param fraction between 0 and 1, both excluded
   */
  public static Split of(Dataset whole, double fraction, Seed seed) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new InputException("the validation part must lie between 0 and 1, not " + fraction);
    }
    return of(whole, (int) Math.max(1, Math.round(fraction * whole.size())), seed);
  }

  /**
   * Holds out {@code count} images.
   *
   * @param count 0 &lt; count &lt; size
   */
  public static Split of(Dataset whole, int count, Seed seed) {
    int size = whole.size();
    if (count < 1 || count >= size) {
      throw new InputException(
          "cannot hold out %d of the %d images of %s".formatted(count, size, whole.name()));
    }
    int[] indices = new int[size];
    Arrays.setAll(indices, i -> i);
    SplittableRandom random = seed.child("split").random();
    for (int i = 0; i < count; i++) { // the first steps of a Fisher–Yates shuffle
      int j = random.nextInt(i, size);
      int drawn = indices[j];
      indices[j] = indices[i];
      indices[i] = drawn;
    }
    int[] val = Arrays.copyOf(indices, count);
    int[] train = Arrays.copyOfRange(indices, count, size);
    Arrays.sort(val);
    Arrays.sort(train);
    return new Split(new Subset(whole, train), new Subset(whole, val));
  }
}
