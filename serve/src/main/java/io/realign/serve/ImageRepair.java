package io.realign.serve;

import io.realign.align.PixelPurifier;
import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.Picture;
import io.realign.io.Pixels;

/**
 * Repairs images of any size with a model's defense.
 *
 * @param asPng whether the result is a PNG, whatever the image is
 * @param encoder makes the result
 */
record ImageRepair(House house, ServedModel model, boolean asPng, ImageEncoder encoder) {

  /**
   * The file of a repaired image.
   *
   * @param type its media type
   * @param file its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Repaired(String type, byte[] file) {}

  /**
   * Repairs an image.
   *
   * @param name what to call it in an error
   * @throws Problem as {@link House#decoded}, and 422 if the model has no defense
   */
  Repaired repaired(byte[] file, String name) {
    PixelPurifier purifier = model.neededPurifier();
    return house.decoded(file, name, picture -> repaired(purifier, picture));
  }

  private Repaired repaired(PixelPurifier purifier, Picture picture) {
    Pixels repaired =
        purifier.purify(
            picture.upright(),
            (tile, height, width) ->
                house.batcher().run(new RepairTiles(model, height, width), tile),
            part -> {});
    ImageFormat format = asPng ? ImageFormat.PNG : ImageEncoder.keeping(picture);
    byte[] encoded = house.codecs().run(() -> encoder.encode(picture.with(repaired), format));
    return new Repaired(type(format), encoded);
  }

  private static String type(ImageFormat format) {
    return switch (format) {
      case PNG -> "image/png";
      case JPEG -> "image/jpeg";
      case BMP -> "image/bmp";
      case GIF -> "image/gif";
      case TIFF -> "image/tiff";
      case WEBP -> "image/webp";
    };
  }
}
