package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import io.realign.io.Pixels;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VocDevkitTest {

  private static final int WIDTH = 12;
  private static final int HEIGHT = 8;

  @TempDir private Path dir;
  private Path root = Path.of("");

  @BeforeEach
  void lay() throws IOException {
    root = dir.resolve("VOCdevkit/VOC2012");
    for (String folder :
        new String[] {
          "JPEGImages",
          "Annotations",
          "SegmentationClass",
          "ImageSets/Main",
          "ImageSets/Segmentation"
        }) {
      Files.createDirectories(root.resolve(folder));
    }
    list("train", "a", "b");
    list("val", "a");
    image("a");
    image("b");
    mask("a", WIDTH, HEIGHT, 1, 255);
    mask("b", WIDTH, HEIGHT, 0, 0);
    annotation("a", object("aeroplane", 0, 3, 2, 8, 6) + object("person", 1, 1, 1, 2, 2));
    annotation("b", "");
  }

  private void list(String part, String... ids) throws IOException {
    for (String kind : new String[] {"Main", "Segmentation"}) {
      Files.write(root.resolve("ImageSets/" + kind + "/" + part + ".txt"), java.util.List.of(ids));
    }
  }

  private void image(String id) throws IOException {
    ImageIO.write(
        new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB),
        "jpg",
        root.resolve("JPEGImages/" + id + ".jpg").toFile());
  }

  /** One value in the upper left quarter, another in the last column, else background. */
  private void mask(String id, int width, int height, int value, int last) throws IOException {
    byte[] grey = new byte[256];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = (byte) (i * 37); // colours say nothing
    }
    BufferedImage mask =
        new BufferedImage(
            width,
            height,
            BufferedImage.TYPE_BYTE_INDEXED,
            new IndexColorModel(8, 256, grey, grey, grey));
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int here = x == width - 1 ? last : x < width / 2 && y < height / 2 ? value : 0;
        mask.getRaster().setSample(x, y, 0, here);
      }
    }
    ImageIO.write(mask, "png", root.resolve("SegmentationClass/" + id + ".png").toFile());
  }

  private static String object(String name, int difficult, int l, int t, int r, int b) {
    return """
        <object><name>%s</name><difficult>%d</difficult>
        <bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox>
        <part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part>
        </object>
        """
        .formatted(name, difficult, l, t, r, b);
  }

  private void annotation(String id, String objects) throws IOException {
    Files.writeString(
        root.resolve("Annotations/" + id + ".xml"),
        "<annotation><size><width>%d</width><height>%d</height><depth>3</depth></size>%s</annotation>"
            .formatted(WIDTH, HEIGHT, objects));
  }

  private Dataset open(Part part, Labelling labelling, int side) {
    return Datasets.open(
        "voc2012",
        Optional.of(dir),
        part,
        new Datasets.Options(side, 0, io.realign.torch.Seed.of(0), labelling));
  }

  @Test
  void boxesCountFromZeroAndAreStretchedWithTheImage() {
    Dataset train = open(Part.TRAIN, Labelling.BOXES, 24);
    assertThat(train.size()).isEqualTo(2);
    Sample sample = train.get(0);
    assertThat(sample.image().width()).isEqualTo(24);
    assertThat(sample.annotation().boxes())
        .containsExactly(new Box(0, 4, 3, 16, 18), new Box(14, 0, 0, 4, 6, true)); // 2×, 3×
    assertThat(sample.annotation().label()).as("the largest object's").isEqualTo(0);
    assertThat(train.get(1).annotation().boxes()).as("an image without objects").isEmpty();
  }

  @Test
  void masksKeepTheirIndicesAndArePadded() {
    Sample sample = open(Part.TEST, Labelling.MASKS, 24).get(0);
    byte[] mask = sample.annotation().mask();
    assertThat(mask).hasSize(24 * 24);
    assertThat(mask[0]).isEqualTo((byte) 1);
    assertThat(mask[23]).as("unknown in the file").isEqualTo(Annotation.UNKNOWN);
    assertThat(mask[24 * 15 + 2]).as("last row of the image").isEqualTo((byte) 0);
    assertThat(mask[24 * 16 + 2]).as("below the image").isEqualTo(Annotation.UNKNOWN);
    Pixels image = sample.image();
    assertThat(image.rgb()[24 * 16]).as("below the image").isEqualTo((byte) 128);
  }

  @Test
  void tellsBackgroundAndTwentyClasses() {
    assertThat(open(Part.TEST, Labelling.MASKS, 24).maskClasses())
        .hasSize(21)
        .startsWith("background", "aeroplane")
        .endsWith("tvmonitor");
  }

  @Test
  void boxesBeyondTheImageAreCutOrLeftOutWithANote() throws IOException {
    annotation(
        "a",
        object("dog", 0, -3, 2, 30, 6)
            + object("cat", 0, 13, 1, 20, 3)
            + object("cow", 0, 5, 5, 4, 7));
    Dataset train = open(Part.TRAIN, Labelling.BOXES, 12);
    assertThat(train.get(0).annotation().boxes()).hasSize(1);
    Box dog = train.get(0).annotation().boxes().getFirst();
    assertThat(dog.left()).isZero();
    assertThat(dog.right()).isEqualTo(12);
    assertThat(train.notes())
        .containsExactly(
            "a.xml: a box of dog reaches beyond the image, cut",
            "a.xml: a box of cat covers nothing, left out",
            "a.xml: a box of cow covers nothing, left out");
  }

  @Test
  void anUnknownClassIsRefused() throws IOException {
    annotation("b", object("unicorn", 0, 1, 1, 3, 3));
    assertThatThrownBy(() -> open(Part.TRAIN, Labelling.BOXES, 12))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("b.xml: unknown class 'unicorn': one of aeroplane");
  }

  @Test
  void aMaskOfAnotherSizeIsRefused() throws IOException {
    mask("a", 5, 4, 1, 1);
    assertThatThrownBy(() -> open(Part.TRAIN, Labelling.MASKS, 12).get(0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.png has 5×4 pixels, its image a.jpg 12×8");
  }

  @Test
  void aMaskWithAValueOfNoClassIsRefused() throws IOException {
    mask("a", WIDTH, HEIGHT, 21, 0);
    assertThatThrownBy(() -> open(Part.TRAIN, Labelling.MASKS, 12).get(0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.png holds the value 21 at column 0, row 0: expected 0 to 20");
  }

  @Test
  void anEmptyImageIsRefused() throws IOException {
    Files.write(root.resolve("JPEGImages/a.jpg"), new byte[0]);
    assertThatThrownBy(() -> open(Part.TRAIN, Labelling.BOXES, 12).get(0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.jpg: an empty file, not an image");
  }

  @Test
  void damagedXmlIsRefused() throws IOException {
    Files.writeString(root.resolve("Annotations/a.xml"), "<annotation><object>");
    assertThatThrownBy(() -> open(Part.TRAIN, Labelling.BOXES, 12))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.xml: damaged XML in line 1");
  }

  @Test
  void anAnnotationOfAnotherSizeIsRefused() throws IOException {
    Files.writeString(
        root.resolve("Annotations/a.xml"),
        "<annotation><size><width>99</width><height>8</height></size></annotation>");
    assertThatThrownBy(() -> open(Part.TRAIN, Labelling.BOXES, 12).get(0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.jpg has 12×8 pixels, its annotation says 99×8");
  }

  @Test
  void whereNothingIsTheFoldersAreNamed() {
    assertThatThrownBy(
            () ->
                Datasets.open(
                    "voc2007",
                    Optional.of(dir),
                    Part.TEST,
                    Datasets.Options.standard().labelled(Labelling.BOXES)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no folder VOCdevkit/VOC2007");
    assertThatThrownBy(
            () ->
                Datasets.open(
                    "cifar10",
                    Optional.of(dir),
                    Part.TEST,
                    Datasets.Options.standard().labelled(Labelling.MASKS)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cifar10 has no masks: one of scenes, scenes-single, voc2012");
  }
}
