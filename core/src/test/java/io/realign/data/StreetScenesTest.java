package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CamVid and Cityscapes. */
class StreetScenesTest {

  @TempDir private Path dir;

  private static void write(Path file, int type, int... values) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(2, 2, type);
    for (int i = 0; i < values.length; i++) {
      image.getRaster().setSample(i % 2, i / 2, 0, values[i]);
    }
    ImageIO.write(image, "png", file.toFile());
  }

  @Test
  void camVidListsNameImageAndMask() throws IOException {
    Path root = dir.resolve("CamVid");
    write(root.resolve("val/x.png"), BufferedImage.TYPE_INT_RGB);
    write(root.resolve("valannot/x.png"), BufferedImage.TYPE_BYTE_GRAY, 0, 10, 11, 3);
    Files.writeString(
        root.resolve("val.txt"), "/SegNet/CamVid/val/x.png /SegNet/CamVid/valannot/x.png\n");
    Dataset val = CamVid.open(dir, Part.VAL, 2);
    assertThat(val.maskClasses()).hasSize(11).startsWith("sky");
    assertThat(val.get(0).annotation().mask()).containsExactly(0, 10, Annotation.UNKNOWN, 3);
    assertThatThrownBy(() -> CamVid.open(dir, Part.TEST, 2))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("test.txt: expected DATA_DIR/CamVid/{train,val,test}.txt");
  }

  @Test
  void cityscapesKeepsTheNineteenThatAreEvaluated() throws IOException {
    write(dir.resolve("leftImg8bit/val/ulm/u_1_leftImg8bit.png"), BufferedImage.TYPE_INT_RGB);
    write(
        dir.resolve("gtFine/val/ulm/u_1_gtFine_labelIds.png"),
        BufferedImage.TYPE_BYTE_GRAY,
        7,
        33,
        0,
        29);
    Dataset test = Cityscapes.open(dir, Part.TEST, 2);
    assertThat(test.maskClasses()).hasSize(19).startsWith("road").endsWith("bicycle");
    assertThat(test.get(0).annotation().mask())
        .containsExactly(0, 18, Annotation.UNKNOWN, Annotation.UNKNOWN);
    assertThatThrownBy(() -> Cityscapes.open(dir, Part.TRAIN, 2))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("expected DATA_DIR/{leftImg8bit,gtFine}/{train,val}/CITY/*.png");
  }
}
