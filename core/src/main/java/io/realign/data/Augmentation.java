package io.realign.data;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** A random change to a training image and, alike, to its mask and boxes. */
public sealed interface Augmentation
    permits Augmentation.None,
        Augmentation.CropFlip,
        Augmentation.Sequence,
        AffineWarp,
        RandomView,
        PhotometricDistortion,
        GaussianBlur,
        RandomCrop,
        ObjectCrop {

  /**
   * A changed copy, of the same size unless the augmentation has one of its own; a function of the
   * sample and the seed alone.
   *
   * @param seed the draws of this image in this epoch
   */
  Sample apply(Sample sample, Seed seed);

  /** Whether it is meant for images at their own size, and brings them to the dataset's. */
  default boolean ofOriginals() {
    return false;
  }

  /** No change. */
  static Augmentation none() {
    return new None();
  }

  /** The usual one of CIFAR: a crop of the image padded by 4, and a flip of every second one. */
  static Augmentation cropFlip() {
    return new CropFlip(4);
  }

  /** The usual one of images that are labelled so. */
  static Augmentation of(Labelling labelling) {
    return switch (labelling) {
      case CLASSES -> cropFlip();
      case MASKS -> RandomView.ofMasks();
      case BOXES -> PhotometricDistortion.standard().then(RandomView.ofBoxes());
    };
  }

  /**
   * What the paper and those it follows train with: scale, crop, rotation, flip and blur for masks;
   * light, expansion, crops by overlap and mirroring for boxes. Both are cut out of images at their
   * own size.
   *
   * @param data whose images come out at their usual size
   */
  static Augmentation published(Labelling labelling, Dataset data) {
    return switch (labelling) {
      case CLASSES -> cropFlip();
      case MASKS -> RandomCrop.published(data).then(GaussianBlur.standard());
      case BOXES ->
          PhotometricDistortion.standard()
              .then(ObjectCrop.standard(data.imageSize()))
              .then(new CropFlip(0));
    };
  }

  /** This, and {@code next} on its result. */
  default Augmentation then(Augmentation next) {
    return new Sequence(this, next);
  }

  /** One after the other. */
  record Sequence(Augmentation first, Augmentation second) implements Augmentation {
    @Override
    public boolean ofOriginals() {
      return first.ofOriginals() || second.ofOriginals();
    }

    @Override
    public Sample apply(Sample sample, Seed seed) {
      return second.apply(first.apply(sample, seed.child("first")), seed.child("second"));
    }
  }

  /** No change. */
  record None() implements Augmentation {
    @Override
    public Sample apply(Sample sample, Seed seed) {
      return sample;
    }
  }

  /**
   * A random crop of the padded image, mirrored left to right with probability ½.
   *
   * <p>Padding is black (0 in [0,1]) and unknown (255) in the mask. Boxes are cut at the frame;
   * those wholly outside are left out.
   *
   * @param pad pixels added on each side, ≥ 0
   */
  record CropFlip(int pad) implements Augmentation {

    /** Checks the padding. */
    public CropFlip {
      if (pad < 0) {
        throw new IllegalArgumentException("pad must not be negative: " + pad);
      }
    }

    @Override
    public Sample apply(Sample sample, Seed seed) {
      SplittableRandom random = seed.random();
      int down = random.nextInt(2 * pad + 1) - pad; // the crop's first row in the image
      int across = random.nextInt(2 * pad + 1) - pad;
      return shift(sample, down, across, random.nextBoolean());
    }

    /**
     * The window of the image's size whose first pixel is at row {@code down}, column {@code
     * across} of the image.
     */
    static Sample shift(Sample sample, int down, int across, boolean flip) {
      int height = sample.image().height();
      int width = sample.image().width();
      byte[] rgb = new byte[3 * height * width];
      for (int channel = 0; channel < 3; channel++) {
        int plane = channel * height * width;
        window(sample.image().rgb(), rgb, plane, height, width, down, across, flip);
      }
      Annotation before = sample.annotation();
      byte[] mask = new byte[before.mask().length];
      if (mask.length > 0) {
        Arrays.fill(mask, Annotation.UNKNOWN);
        window(before.mask(), mask, 0, height, width, down, across, flip);
      }
      List<Box> boxes =
          before.boxes().stream()
              .map(box -> move(box, height, width, down, across, flip))
              .flatMap(Optional::stream)
              .toList();
      return new Sample(
          new Pixels(height, width, rgb), new Annotation(before.label(), mask, boxes));
    }

    private static void window(
        byte[] from,
        byte[] to,
        int plane,
        int height,
        int width,
        int down,
        int across,
        boolean flip) {
      for (int y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
        int source = plane + (y + down) * width + across;
        int target = plane + y * width;
        for (int x = Math.max(0, -across); x < Math.min(width, width - across); x++) {
          to[target + (flip ? width - 1 - x : x)] = from[source + x];
        }
      }
    }

    private static Optional<Box> move(
        Box box, int height, int width, int down, int across, boolean flip) {
      float left = Math.max(0, box.left() - across);
      float right = Math.min(width, box.right() - across);
      float top = Math.max(0, box.top() - down);
      float bottom = Math.min(height, box.bottom() - down);
      if (left >= right || top >= bottom) {
        return Optional.empty();
      }
      return Optional.of(
          flip
              ? box.at(width - right, top, width - left, bottom)
              : box.at(left, top, right, bottom));
    }
  }
}
