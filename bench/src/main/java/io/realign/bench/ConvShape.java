package io.realign.bench;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * A 3×3 convolution that keeps the size.
 *
 * @param channels in and out
 * @param side height and width of the maps
 * @param batch images
 */
record ConvShape(int channels, int side, int batch) {

  /** Those of the nets that are trained and attacked here, and a few around them. */
  static List<ConvShape> common() {
    return List.of(
        new ConvShape(16, 32, 64), // ResNet-20, the small generator
        new ConvShape(32, 16, 64),
        new ConvShape(64, 8, 64),
        new ConvShape(64, 32, 32), // VGG, the published generator
        new ConvShape(64, 64, 16),
        new ConvShape(128, 16, 64),
        new ConvShape(128, 32, 16),
        new ConvShape(160, 32, 16), // WRN-28-10
        new ConvShape(160, 64, 8),
        new ConvShape(256, 8, 64),
        new ConvShape(256, 16, 32),
        new ConvShape(320, 16, 16),
        new ConvShape(320, 16, 64),
        new ConvShape(512, 8, 64),
        new ConvShape(640, 8, 16),
        new ConvShape(640, 8, 64));
  }

  /** Multiply-adds of one forward pass, the zeros of the padding among them. */
  @JsonIgnore
  long multiplyAdds() {
    return 9L * channels * channels * side * side * batch;
  }

  @Override
  public String toString() {
    return "%d channels, %d×%d, batch %d".formatted(channels, side, side, batch);
  }
}
