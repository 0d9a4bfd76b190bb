package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {

  private final Path dir;

  ImageFolderTest(@TempDir Path dir) {
    this.dir = dir;
  }

  private Path image(String name, int width, int height, int type, int value) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (type == BufferedImage.TYPE_BYTE_GRAY) {
          image.getRaster().setSample(x, y, 0, value);
        } else {
          image.setRGB(x, y, value);
        }
      }
    }
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  @Test
  void numbersClassesByCodePointsAndListsFilesAsPeopleSortThem() throws IOException {
    for (String name : List.of("train/c10/1.png", "train/c2/10.png", "train/c2/9.png")) {
      int value = name.contains("9") ? 0x010203 : 0x112233;
      image(name, 8, 8, BufferedImage.TYPE_INT_RGB, value);
    }
    image("test/c10/a.png", 8, 8, BufferedImage.TYPE_INT_RGB, 0xffffff);
    Files.writeString(dir.resolve("train/c2/notes.txt"), "no image");

    Dataset train = ImageFolder.open(dir, Part.TRAIN, 8);
    Dataset test = ImageFolder.open(dir, Part.TEST, 8);

    assertThat(train.classes()).containsExactly("c10", "c2");
    assertThat(train.size()).isEqualTo(3);
    assertThat(labels(train)).containsExactly(1, 1, 0);
    assertThat(train.get(0).image().rgb()).startsWith(1).endsWith(3);
    assertThat(train.get(1).image().rgb()).startsWith(0x11).endsWith(0x33);
    assertThat(test.get(0).annotation().label()).isEqualTo(0);
    assertThat(train.notes())
        .containsExactly(dir.resolve("train") + ": 1 file of other kinds passed over: 1 .txt");
    assertThat(test.notes())
        .containsExactly(dir.resolve("test") + ": no images of 1 of 2 classes: c2");
  }

  private static int[] labels(Dataset data) {
    return IntStream.range(0, data.size()).map(i -> data.get(i).annotation().label()).toArray();
  }

  private void image(String name) throws IOException {
    image(name, 4, 4, BufferedImage.TYPE_INT_RGB, 0);
  }

  /** The order is what {@code torchvision.datasets.ImageFolder} 0.15 made of these folders. */
  @Test
  void numbersClassesAsTorchvisionDoes() throws IOException {
    for (String name : List.of("0", "1", "2", "10", "100", "a", "B", "a b", "a-b")) {
      image("train/" + name + "/x.png");
    }

    assertThat(ImageFolder.open(dir, Part.TRAIN, 4).classes())
        .containsExactly("0", "1", "10", "100", "2", "B", "a", "a b", "a-b");
    assertThat(NameList.sorted(List.of("a", "B", "é", "😀", "～", "a b", "a-b", "10", "2")))
        .containsExactly("10", "2", "B", "a", "a b", "a-b", "é", "～", "😀");
  }

  @Test
  void aListOfClassesSetsAnotherOrder() throws IOException {
    for (String name :
        List.of("train/1/a.png", "train/2/a.png", "train/10/a.png", "test/2/b.png")) {
      image(name);
    }
    Path list = dir.resolve("classes.txt");
    Files.writeString(list, "\ufeff10\n2\nnone\n1\n\n");

    Dataset train = ImageFolder.open(dir, Part.TRAIN, 4);
    Dataset test = ImageFolder.open(dir, Part.TEST, 4);

    assertThat(train.classes()).containsExactly("10", "2", "none", "1");
    assertThat(labels(train)).as("of 1, 2 and 10").containsExactly(3, 1, 0);
    assertThat(labels(test)).containsExactly(1);
    assertThat(train.notes())
        .containsExactly(dir.resolve("train") + ": no images of 1 of 4 classes: none");
    Files.writeString(list, "10\n2\n");
    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TRAIN, 4))
        .isInstanceOf(InputException.class)
        .hasMessage("%s is of no class of %s: [10, 2]", dir.resolve("train/1"), list);
    Files.writeString(list, "10\n\n2\n1\n");
    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TRAIN, 4))
        .isInstanceOf(InputException.class)
        .hasMessage(
            list
                + ": line 2 is blank: a name's line says which label it has, so write a name there or take the line out");
  }

  @Test
  void findsImagesAtAnyDepthAndNoHiddenOnes() throws IOException {
    image("train/cat/2021/x.jpg");
    image("train/cat/2021/10/y.png");
    image("train/cat/2021/9/y.png");
    image("train/cat/a.png");
    image("train/beside.png");
    Files.writeString(dir.resolve("train/cat/._a.png"), "what macOS leaves");
    image("train/cat/.thumbnails/a.png");
    image("train/.cache/a.png");
    for (String name : List.of("1.HEIC", "2.heic", "notes.txt", "README")) {
      Files.writeString(dir.resolve("train/cat/2021/" + name), "no image");
    }
    Files.createSymbolicLink(dir.resolve("train/dog"), dir.resolve("train/cat/2021/9"));

    Dataset train = ImageFolder.open(dir, Part.TRAIN, 4);

    assertThat(((ImageFiles) train).entries().stream().map(ImageFiles.Entry::file))
        .containsExactly(
            dir.resolve("train/cat/2021/9/y.png"),
            dir.resolve("train/cat/2021/10/y.png"),
            dir.resolve("train/cat/2021/x.jpg"),
            dir.resolve("train/cat/a.png"),
            dir.resolve("train/dog/y.png"));
    assertThat(train.notes())
        .containsExactly(
            dir.resolve("train")
                + ": 4 files of other kinds passed over: 2 .heic, 1 .txt, 1 without an ending",
            dir.resolve("train") + ": images that lie beside the class folders are passed over: 1");
  }

  @Test
  void refusesAClassWithoutImagesAndALinkIntoItself() throws IOException {
    image("train/a/1.png");
    Path empty = Files.createDirectories(dir.resolve("train/b/deep")).getParent();
    String formats = ".png, .apng, .jpg, .jpeg, .jpe, .jfif, .bmp, .dib, .gif, .tif, .tiff, .webp";

    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TRAIN, 8))
        .isInstanceOf(InputException.class)
        .hasMessage("%s is a class without images (%s): fill it or take it away", empty, formats);
    Files.writeString(dir.resolve("train/b/deep/x.heic"), "a photo");
    Files.writeString(dir.resolve("train/b/._x.jpg"), "hidden");
    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TRAIN, 8))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is a class without images (%s), but with 1 .heic: fill it or take it away",
            empty, formats);
    Path link = Files.createSymbolicLink(dir.resolve("train/b/deep/up"), empty);
    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TRAIN, 8))
        .isInstanceOf(InputException.class)
        .hasMessage(link + ": a link to a folder that it lies in");
  }

  @Test
  void keepsTheBrightnessOfGreyImages() throws IOException {
    image("a/1.png", 8, 8, BufferedImage.TYPE_BYTE_GRAY, 77);
    image("a/2.png", 8, 8, BufferedImage.TYPE_BYTE_GRAY, 77);

    Pixels pixels = ImageFolder.open(dir, Part.TRAIN, 8).get(0).image();

    assertThat(pixels.rgb()).hasSize(3 * 64).containsOnly(77);
  }

  /** The same picture in every format, stored lying on its side where the format can say so. */
  @Test
  void takesAnyFormatTheWayUpThatItIsShown() throws IOException {
    Files.createDirectories(dir.resolve("a"));
    for (String name : List.of("rgb.png", "rgb.jpg", "lossless.webp", "rgb.tif", "rgb.bmp")) {
      Files.copy(Path.of("src/test/resources/io/images", name), dir.resolve("a").resolve(name));
    }

    Dataset train = ImageFolder.open(dir, Part.TRAIN, 16);
    Dataset test = ImageFolder.open(dir, Part.TEST, 16);

    assertThat(train.size() + test.size()).isEqualTo(5);
    for (int i = 0; i < train.size(); i++) {
      assertThat(train.get(i).image().width()).isEqualTo(16);
    }
    assertThat(shown("rgb.bmp")).isEqualTo("red grows to the right");
    for (String name : List.of("rgb.png", "rgb.jpg", "rgb.tif")) { // orientation 6
      assertThat(shown(name)).as(name).isEqualTo("red grows downwards");
    }
    assertThat(shown("lossless.webp")).isEqualTo("red grows upwards"); // 8
  }

  private String shown(String name) {
    Pixels image = Images.read(dir.resolve("a").resolve(name));
    int topLeft = image.rgb()[0] & 0xff;
    int topRight = image.rgb()[image.width() - 1] & 0xff;
    int bottomLeft = image.rgb()[(image.height() - 1) * image.width()] & 0xff;
    return topRight > topLeft + 50
        ? "red grows to the right"
        : bottomLeft > topLeft + 50 ? "red grows downwards" : "red grows upwards";
  }

  @Test
  void scalesTheSquareInTheMiddle() throws IOException {
    Path file = image("a/1.png", 90, 30, BufferedImage.TYPE_INT_RGB, 0xff0000);
    image("a/2.png", 90, 30, BufferedImage.TYPE_INT_RGB, 0xff0000);
    BufferedImage image = ImageIO.read(file.toFile());
    for (int x = 30; x < 60; x++) {
      for (int y = 0; y < 30; y++) {
        image.setRGB(x, y, x % 2 == 0 ? 0x000000 : 0x0000c8);
      }
    }
    ImageIO.write(image, "png", file.toFile());
    ImageIO.write(image, "png", dir.resolve("a/2.png").toFile());

    byte[] rgb = ImageFolder.open(dir, Part.TRAIN, 7).get(0).image().rgb();

    assertThat(rgb).hasSize(3 * 49);
    for (int i = 0; i < 49; i++) {
      assertThat(rgb[i]).isZero(); // no red of the sides
      assertThat(rgb[98 + i] & 0xff).isBetween(75, 125); // stripes of 0 and 200 averaged
    }
  }

  @Test
  void splitsAFolderOfClassesAndSaysSo() throws IOException {
    for (int i = 0; i < 20; i++) {
      image("a/" + i + ".png", 4, 4, BufferedImage.TYPE_INT_RGB, i);
    }

    Dataset train = ImageFolder.open(dir, Part.TRAIN, 4);

    assertThat(train.size()).isEqualTo(18);
    assertThat(ImageFolder.open(dir, Part.TEST, 4).size()).isEqualTo(2);
    assertThat(train.notes()).singleElement().asString().contains("a tenth of it is the test part");
  }

  @Test
  void namesAnImageThatIsNone() throws IOException {
    Path text = Files.createDirectories(dir.resolve("test/a")).resolve("x.png");
    Files.writeString(text, "hello");

    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TEST, 8).get(0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(text + ": not an image");
    Path cut = image("test/a/x.png", 64, 64, BufferedImage.TYPE_INT_RGB, 5);
    Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(cut), 60));
    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TEST, 8).get(0))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(cut + ": a damaged image");
  }

  @Test
  void saysWhatLayoutItExpects() throws IOException {
    assertThatThrownBy(() -> ImageFolder.open(dir.resolve("no"), Part.TRAIN, 8))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("expected DIR/CLASS/*.png");
    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TRAIN, 8))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no class folders in " + dir);
    image("train/a/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, 0);
    image("test/b/1.png", 4, 4, BufferedImage.TYPE_INT_RGB, 0);
    assertThatThrownBy(() -> ImageFolder.open(dir, Part.TEST, 8))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is of no class of " + dir.resolve("train") + ": [a]");
  }

  @Test
  void readsTheLayoutOfTinyImageNet() throws IOException {
    int rgb = BufferedImage.TYPE_INT_RGB;
    image("tiny-imagenet-200/train/n2/images/n2_0.png", 64, 64, rgb, 1);
    image("tiny-imagenet-200/train/n2/images/n2_1.png", 64, 64, rgb, 1);
    image("tiny-imagenet-200/train/n1/images/n1_0.png", 64, 64, rgb, 2);
    image("tiny-imagenet-200/val/images/val_10.png", 64, 64, rgb, 3);
    image("tiny-imagenet-200/val/images/val_9.png", 64, 64, rgb, 4);
    Path root = dir.resolve("tiny-imagenet-200");
    Files.writeString(root.resolve("wnids.txt"), "n3\nn2\nn1\n");
    Files.writeString(root.resolve("words.txt"), "n1\tslug\nn2\tEgyptian cat, cat\n");
    Files.writeString(
        root.resolve("val/val_annotations.txt"),
        "val_10.png\tn1\t0\t0\t9\t9\nval_9.png\tn2\t0\t0\t9\t9\n");

    Dataset train = TinyImageNet.open(dir, Part.TRAIN, 64);
    Dataset test = TinyImageNet.open(dir, Part.TEST, 64);

    assertThat(train.classes()).containsExactly("Egyptian cat", "slug");
    assertThat(IntStream.range(0, 3).map(i -> train.get(i).annotation().label()))
        .containsExactly(0, 0, 1);
    assertThat(IntStream.range(0, 2).map(i -> test.get(i).annotation().label()))
        .containsExactly(0, 1);
    assertThat(test.notes())
        .containsExactly(
            "tiny-imagenet: 2 classes instead of the usual 200",
            "tiny-imagenet test: 2 images instead of the usual 100 for its classes");
    assertThatThrownBy(() -> TinyImageNet.open(root, Part.TEST, 64))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no folder tiny-imagenet-200 in")
        .hasMessageContaining("realign data fetch tiny-imagenet");
  }

  @Test
  void aValFolderNeedsNoTrainFolder() throws IOException {
    image("val/a/1.png", 8, 8, BufferedImage.TYPE_INT_RGB, 0x010203);
    image("val/b/2.png", 8, 8, BufferedImage.TYPE_INT_RGB, 0x112233);

    Dataset val = Datasets.open("folder", Optional.of(dir), Part.VAL, Datasets.Options.standard());

    assertThat(val.size()).isEqualTo(2);
    assertThat(val.classes()).containsExactly("a", "b");
  }
}
