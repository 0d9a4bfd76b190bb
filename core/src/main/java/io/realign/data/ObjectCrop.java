package io.realign.data;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a single-shot detector is shown of an image of any shape: a part of it, on a canvas or not,
 * stretched to a square (Liu et al., 2016, arXiv 1512.02325). Cut out of the image at its own size,
 * so pixels are interpolated once.
 *
 * <p>Boxes whose centre is cut off are left out, the others end at the crop's edge.
 *
 * @param expand the canvas
 * @param crop the part of it
 * @param side height and width of what comes out, in pixels, at least 1
 */
public record ObjectCrop(Expand expand, OverlapCrop crop, int side) implements Augmentation {

  /** Checks the size. */
  public ObjectCrop {
    if (side < 1) {
      throw new IllegalArgumentException("no image has a side of " + side);
    }
  }

  /** The published one. */
  public static ObjectCrop standard(int side) {
    return new ObjectCrop(Expand.standard(), OverlapCrop.standard(), side);
  }

  @Override
  public boolean ofOriginals() {
    return true;
  }

  @Override
  public Sample apply(Sample sample, Seed seed) {
    SplittableRandom random = seed.random();
    Pixels image = sample.image();
    Annotation known = sample.annotation();
    Window canvas = expand.draw(random, image.height(), image.width());
    List<Box> there = known.boxes().stream().map(canvas::cut).toList();
    Window drawn = crop.draw(random, there, canvas.height(), canvas.width());
    Window part =
        new Window(
            canvas.left() + drawn.left(),
            canvas.top() + drawn.top(),
            drawn.height(),
            drawn.width());
    List<Box> kept = known.boxes().stream().filter(part::holdsCentre).toList();
    return part.scaled(
        new Sample(image, new Annotation(known.label(), known.mask(), kept)), side, side);
  }
}
