package io.realign.serve;

import io.realign.align.PixelPurifier;
import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.Picture;
import io.realign.io.Pixels;
import java.util.function.Supplier;

/**
 * Repairs images of any size with a model's defense.
 *
 * @param exchange the request
 * @param model whose defense it is
 * @param asPng whether the result is a PNG, whatever the image is
 * @param encoder makes the result
 */
record ImageRepair(Exchange exchange, ServedModel model, boolean asPng, ImageEncoder encoder) {

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
   * @throws Problem as {@link Exchange#decoded}, and 422 if the model has no defense
   */
  Repaired repaired(byte[] file, String name) {
    PixelPurifier purifier = model.neededPurifier();
    return exchange.decoded(
        file,
        name,
        picture -> repaired(purifier, picture),
        repaired -> Answer.heap(repaired.file()));
  }

  private Repaired repaired(PixelPurifier purifier, Picture picture) {
    House house = exchange.house();
    Pixels stored = picture.stored();
    Tiles tiles = new Tiles(house, model, (long) stored.height() * stored.width());
    Pixels repaired = purifier.purify(tiles.around(picture::upright), tiles, part -> {});
    ImageFormat format = asPng ? ImageFormat.PNG : ImageEncoder.keeping(picture);
    byte[] encoded = house.codecs().run(() -> encoder.encode(picture.with(repaired), format));
    return new Repaired(type(format), encoded);
  }

  /** Tiles of an image of so many pixels: through the net with those of others. */
  private record Tiles(House house, ServedModel model, long pixels)
      implements PixelPurifier.Repair {

    @Override
    public float[] apply(float[] values, int height, int width) {
      return house.batcher().run(new RepairTiles(model, height, width), values);
    }

    @Override
    public <T> T around(Supplier<T> part) {
      return house.codecs().around(pixels, part);
    }
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
