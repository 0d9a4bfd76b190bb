package io.realign.data;

import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Images of rare classes more often (repeat-factor sampling: Gupta, Dollár and Girshick, LVIS,
 * 2019, arXiv 1908.03195, section A.2).
 *
 * <p>A class that a share f of the images shows is repeated max(1, √(t/f)) times, an image as often
 * as its rarest class. Of an image that is to come 2.3 times a draw by seed makes three in three of
 * ten cases, else two.
 */
public final class RepeatFactor {

  private RepeatFactor() {}

  /**
   * {@code images}, those of rare classes several times; all once where {@code share} is 0. Reads
   * each image.
   *
   * @param share t, in [0,1]: classes that fewer images show are rare
   * @throws InputException for another share
   */
  public static Dataset below(double share, Dataset images, Seed seed) {
    if (!(share >= 0 && share <= 1)) {
      throw new InputException("the share below which a class is rare lies in [0,1], not " + share);
    }
    if (share == 0) {
      return images;
    }
    List<Set<Integer>> shown =
        IntStream.range(0, images.size())
            .parallel()
            .mapToObj(i -> classes(images.get(i).annotation()))
            .toList();
    Map<Integer, Integer> counts = new HashMap<>();
    shown.forEach(classes -> classes.forEach(label -> counts.merge(label, 1, Integer::sum)));
    SplittableRandom random = seed.child("repeats").random();
    List<Integer> indices = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      double factor =
          shown.get(i).stream()
              .mapToDouble(
                  label -> Math.sqrt(share * images.size() / counts.getOrDefault(label, 1)))
              .reduce(1, Math::max);
      int times = (int) Math.floor(factor + random.nextDouble());
      for (int time = 0; time < times; time++) {
        indices.add(i);
      }
    }
    return new Subset(images, indices.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Those of the mask where there is one, else of the boxes, else that of the image. */
  private static Set<Integer> classes(Annotation annotation) {
    Set<Integer> classes = new HashSet<>();
    for (byte value : annotation.mask()) {
      if (value != Annotation.UNKNOWN) {
        classes.add(value & 255);
      }
    }
    if (annotation.mask().length == 0) { // masks count from the background on, boxes do not
      annotation.boxes().forEach(box -> classes.add(box.label()));
      if (annotation.boxes().isEmpty()) {
        classes.add(annotation.label());
      }
    }
    return classes;
  }
}
