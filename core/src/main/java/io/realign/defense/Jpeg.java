package io.realign.defense;

import io.realign.io.Images;
import io.realign.io.Pixels;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A JPEG codec: each image is rounded to 8 bits, encoded and decoded (the paper's
 * non-differentiable step has quality 75). It has no gradient; see {@link StraightThrough}.
 *
 * @param quality 1 to 100, as libjpeg counts it
 */
public record Jpeg(int quality) implements Purifier {

  /** Checks the quality. */
  public Jpeg {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("the quality of a JPEG is 1 to 100, not " + quality);
    }
  }

  @Override
  public String name() {
    return "jpeg:" + quality;
  }

  @Override
  public Tensor purify(Tensor images) {
    List<Pixels> decoded =
        Images.fromTensor(images).stream()
            .map(image -> Images.read(Images.jpegBytes(image, quality), name()))
            .toList();
    return Images.toTensor(decoded).to(images.device(), images.scalar_type());
  }
}
