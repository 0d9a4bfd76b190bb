package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import io.realign.io.Mask;
import io.realign.io.Pixels;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images reach a net as those of data sets do, and masks find their way back. */
final class FramingTest {

  @TempDir private Path folder = Path.of("");

  private static Pixels noise(int height, int width) {
    byte[] rgb = new byte[3 * height * width];
    new Random(1).nextBytes(rgb);
    return new Pixels(height, width, rgb);
  }

  @Test
  void aNetOfClassesSeesWhatAFolderOfImagesGives() {
    Pixels image = noise(50, 90);
    Path test = folder.resolve("test").resolve("cat");
    Images.writePng(test.resolve("a.png"), image);
    Pixels ofTheFolder = ImageFolder.open(folder, Part.TEST, 32).get(0).image();
    Pixels square = Framing.of(image, Labelling.CLASSES, 32).square();
    assertThat(square.rgb()).isEqualTo(ofTheFolder.rgb());
  }

  @Test
  void aNetOfBoxesSeesAllOfItStretched() {
    Pixels image = noise(50, 90);
    Pixels square = Framing.of(image, Labelling.BOXES, 64).square();
    assertThat(square.rgb()).isEqualTo(Images.resize(image, 64, 64).rgb());
  }

  @ParameterizedTest
  @CsvSource({"64, 64", "64, 32", "20, 64", "1, 64", "200, 300", "64, 1"})
  void aMaskComesBackInTheSizeOfTheImageWithoutWhatWasBesideIt(int height, int width) {
    Framing framing = Framing.of(noise(height, width), Labelling.MASKS, 64);
    int rows = Math.max(1, Math.round(64f * height / Math.max(height, width)));
    int columns = Math.max(1, Math.round(64f * width / Math.max(height, width)));
    byte[] mask = new byte[64 * 64];
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        boolean inside = y < rows && x < columns;
        mask[y * 64 + x] = (byte) (!inside ? 9 : x < columns / 2 ? 1 : 2);
        if (!inside) {
          assertThat(framing.square().rgb()[y * 64 + x]).isEqualTo((byte) 128);
        }
      }
    }
    Mask back = framing.unframed(mask);
    assertThat(back.height()).isEqualTo(height);
    assertThat(back.width()).isEqualTo(width);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (Math.abs(x - width / 2) > Math.max(width, height) / 64) { // not next to the edge
          assertThat(back.values()[y * width + x]).isEqualTo((byte) (x < width / 2 ? 1 : 2));
        }
      }
    }
  }
}
