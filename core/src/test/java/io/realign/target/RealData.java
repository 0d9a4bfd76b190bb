package io.realign.target;

import io.realign.torch.Ops;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Tensor;

/** The folder of real data and weights that tests tagged {@code real} read. */
final class RealData {

  private static final int RECORD = 3073;

  private RealData() {}

  static Path folder() {
    String folder = System.getProperty("real.data");
    if (folder == null) {
      throw new IllegalStateException("set -Dreal.data=FOLDER to the unpacked real data");
    }
    return Path.of(folder);
  }

  static Path weights(String name) {
    return folder().resolve("weights").resolve(name);
  }

  static byte[] cifarTest() throws IOException {
    return Files.readAllBytes(folder().resolve("cifar-10-batches-bin").resolve("test_batch.bin"));
  }

  /** The images of {@code test} from {@code start} on: [n,3,32,32] in [0,1]. */
  static Tensor cifarImages(byte[] test, int start, int count) {
    float[] values = new float[count * (RECORD - 1)];
    for (int i = 0; i < values.length; i++) {
      int image = start + i / (RECORD - 1);
      values[i] = (test[image * RECORD + 1 + i % (RECORD - 1)] & 0xff) / 255f;
    }
    return Ops.floats(values, count, 3, 32, 32);
  }

  static long[] cifarLabels(byte[] test, int start, int count) {
    long[] labels = new long[count];
    Arrays.setAll(labels, i -> test[(start + i) * RECORD]);
    return labels;
  }

  /** An image file's stored values, grey ones thrice: [1,3,H,W] in [0,1]. */
  static Tensor image(Path file) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    Raster raster = image.getRaster();
    int width = raster.getWidth();
    int height = raster.getHeight();
    boolean packed = raster.getNumBands() >= 3;
    float[] values = new float[3 * width * height];
    for (int i = 0; i < values.length; i++) {
      int pixel = i % (width * height);
      int band = packed ? i / (width * height) : 0;
      values[i] = raster.getSample(pixel % width, pixel / width, band) / 255f;
    }
    return Ops.floats(values, 1, 3, height, width);
  }
}
