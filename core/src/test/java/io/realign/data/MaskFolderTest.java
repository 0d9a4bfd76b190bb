package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskFolderTest {

  @TempDir private Path root;

  private void image(String part, String name, int value) throws IOException {
    Path folder = root.resolve(part);
    Files.createDirectories(folder.resolve("images"));
    Files.createDirectories(folder.resolve("masks"));
    Images.writePng(
        folder.resolve("images").resolve(name + ".png"), new Pixels(4, 8, new byte[96]));
    BufferedImage mask = new BufferedImage(8, 4, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < 8; x++) {
      mask.getRaster().setSample(x, 3, 0, value);
    }
    ImageIO.write(mask, "png", folder.resolve("masks").resolve(name + ".png").toFile());
  }

  private Dataset open(Part part) {
    return Datasets.open(
        "mask-folder",
        Optional.of(root),
        part,
        new Datasets.Options(8, 0, Seed.of(0), Labelling.MASKS));
  }

  @Test
  void readsMasksWithTheClassesOfTheList() throws IOException {
    image("test", "a", 1);
    image("test", "b", 255);
    Files.writeString(root.resolve("classes.txt"), "road\ncar\n\n");
    Dataset test = open(Part.TEST);
    assertThat(test.maskClasses()).containsExactly("road", "car");
    assertThat(test.size()).isEqualTo(2);
    byte[] mask = test.get(0).annotation().mask();
    assertThat(mask[0]).isEqualTo((byte) 0);
    assertThat(mask[3 * 8]).isEqualTo((byte) 1);
    assertThat(mask[5 * 8]).isEqualTo(Annotation.UNKNOWN); // padded below
    assertThat(test.get(1).annotation().mask()[3 * 8]).isEqualTo(Annotation.UNKNOWN);
    assertThatThrownBy(() -> open(Part.TRAIN)).hasMessageContaining("has no folder train");
  }

  @Test
  void namesWhatIsMissingOrWrong() throws IOException {
    image("", "a", 2);
    image("", "b", 1);
    assertThatThrownBy(() -> open(Part.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("classes.txt");
    Files.writeString(root.resolve("classes.txt"), "road\nroad\n");
    assertThatThrownBy(() -> open(Part.TRAIN)).hasMessageContaining("'road' is there twice");
    Files.writeString(root.resolve("classes.txt"), "road\n");
    assertThatThrownBy(() -> open(Part.TRAIN)).hasMessageContaining("has 1 classes");
    Files.writeString(root.resolve("classes.txt"), "\n\n");
    assertThatThrownBy(() -> open(Part.TRAIN))
        .hasMessage(root.resolve("classes.txt") + " is empty: expected a name a line");
    Files.writeString(root.resolve("classes.txt"), "road\n \ncar\n");
    assertThatThrownBy(() -> open(Part.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessage(
            root.resolve("classes.txt")
                + ": line 2 is blank: a name's line says which label it has, so write a name there or take the line out");
    Files.write(root.resolve("classes.txt"), new byte[] {'r', (byte) 0xf6, '\n', 'c'});
    assertThatThrownBy(() -> open(Part.TRAIN))
        .hasMessage(root.resolve("classes.txt") + " is not in UTF-8");
    Files.writeString(root.resolve("classes.txt"), "road\ncar\n");
    Dataset whole = MaskFolder.open(root, Part.TRAIN, 8);
    assertThat(whole.size() + MaskFolder.open(root, Part.TEST, 8).size()).isEqualTo(2);
    Files.delete(root.resolve("masks/b.png"));
    assertThatThrownBy(() -> open(Part.TRAIN)).hasMessageContaining("b.png has no mask");
    Files.delete(root.resolve("images/b.png"));
    image("train", "a", 2);
    assertThatThrownBy(() -> open(Part.TRAIN).get(0))
        .hasMessageContaining("a.png holds the value 2");
  }

  @Test
  void takesImagesAtAnyDepthWithTheirMasksAndNoHiddenOnes() throws IOException {
    image("test", "a", 1);
    Path test = root.resolve("test");
    for (String kind : new String[] {"images", "masks"}) {
      Files.createDirectories(test.resolve(kind + "/day"));
      Files.copy(test.resolve(kind + "/a.png"), test.resolve(kind + "/day/b.png"));
    }
    Files.writeString(test.resolve("images/._a.png"), "what macOS leaves");
    Files.writeString(test.resolve("images/c.heic"), "a photo");
    Files.writeString(root.resolve("classes.txt"), "\ufeffroad\ncar\n\n \n");

    Dataset data = open(Part.TEST);

    assertThat(data.maskClasses()).containsExactly("road", "car");
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.get(1).annotation().mask()[3 * 8]).isEqualTo((byte) 1);
    assertThat(data.notes())
        .containsExactly(test.resolve("images") + ": 1 file of other kinds passed over: 1 .heic");
  }
}
