package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VocFolderTest {

  private static final String FORMATS =
      ".png, .apng, .jpg, .jpeg, .jpe, .jfif, .bmp, .dib, .gif, .tif, .tiff, .webp";

  /** As labelImg writes it. */
  private static final String CAT =
      """
      <annotation>
      	<folder>images</folder>
      	<filename>%s</filename>
      	<path>C:\\Users\\me\\%s</path>
      	<source><database>Unknown</database></source>
      	<size><width>20</width><height>10</height><depth>3</depth></size>
      	<segmented>0</segmented>
      	<object>
      		<name>%s</name>
      		<pose>Unspecified</pose>
      		<truncated>0</truncated>
      		<difficult>0</difficult>
      		<bndbox><xmin>3</xmin><ymin>2</ymin><xmax>10</xmax><ymax>6</ymax></bndbox>
      	</object>
      </annotation>
      """;

  private final Path root;

  VocFolderTest(@TempDir Path root) throws IOException {
    this.root = root;
    Files.createDirectories(root.resolve("images"));
    Files.createDirectories(root.resolve("Annotations"));
  }

  private void image(String name) throws IOException {
    Path official = root.resolve("JPEGImages");
    Path folder = Files.isDirectory(official) ? official : root.resolve("images");
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Images.writePng(root.resolve("drawn.png"), new Pixels(10, 20, new byte[600]));
    Files.move(root.resolve("drawn.png"), file); // content decides which format it has
  }

  private Path annotation(String name, String image, String kind) throws IOException {
    Path file = root.resolve("Annotations").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, CAT.formatted(image, image, kind));
  }

  private void listed(String name, String... ids) throws IOException {
    Path file = root.resolve("ImageSets/Main").resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, List.of(ids));
  }

  private void four() throws IOException {
    List<String> kinds = List.of("cat", "dog", "cat", "axe");
    for (int i = 0; i < 4; i++) {
      String name = "img " + (9 + i) + ".png";
      image(name);
      annotation("img " + (9 + i) + ".xml", name, kinds.get(i));
    }
  }

  private Dataset open(Part part) {
    return Datasets.open(
        "voc-folder",
        Optional.of(root),
        part,
        new Datasets.Options(40, .25, Seed.of(0), Labelling.BOXES));
  }

  private static List<String> names(Dataset data) {
    return IntStream.range(0, data.size())
        .mapToObj(i -> data.classes().get(data.get(i).annotation().label()))
        .toList();
  }

  @Test
  void readsWhatLabelImgLeaves() throws IOException {
    four();
    image("unlabelled.jpg");
    Files.writeString(root.resolve("images/x.heic"), "a photo");
    Files.writeString(root.resolve("images/._img 9.png"), "what macOS leaves");
    Files.writeString(root.resolve("Annotations/._img 9.xml"), "what macOS leaves");

    Dataset train = VocFolder.open(root, Part.TRAIN, 40);
    Dataset test = VocFolder.open(root, Part.TEST, 40);

    assertThat(train.classes()).containsExactly("axe", "cat", "dog").isEqualTo(test.classes());
    assertThat(train.size()).isEqualTo(3);
    assertThat(test.size()).isEqualTo(1);
    TreeSet<String> all = new TreeSet<>(names(train));
    all.addAll(names(test));
    assertThat(all).containsExactly("axe", "cat", "dog");
    Sample sample = test.get(0);
    assertThat(sample.image().width()).isEqualTo(40);
    Box box = sample.annotation().boxes().getFirst(); // 2× and 4×
    assertThat(List.of(box.left(), box.top(), box.right(), box.bottom()))
        .containsExactly(4f, 4f, 20f, 24f);
    assertThat(VocFolder.open(root, Part.TEST, 40).get(0).annotation().boxes()).contains(box);
    assertThat(train.notes())
        .containsExactly(
            "no lists in "
                + root.resolve("ImageSets/Main")
                + ": a tenth of the images is the test part",
            root.resolve("images") + ": images without an annotation are left out: 1",
            "no file "
                + root.resolve("classes.txt")
                + ": classes are what the annotations name, in this order: axe, cat, dog",
            root.resolve("images") + ": 1 file of other kinds passed over: 1 .heic");
  }

  @Test
  void aListOfClassesSetsTheirOrder() throws IOException {
    four();
    image("img 1.png");
    annotation("img 1.xml", "img 1.png", "dog");
    Files.writeString(root.resolve("classes.txt"), "dog\ncat\nbird\naxe\n");
    listed("test.txt", "img 9", "img 1", "img 10 1", "img 12");

    Dataset test = open(Part.TEST);

    assertThat(test.classes()).containsExactly("dog", "cat", "bird", "axe");
    assertThat(names(test)).containsExactly("cat", "dog", "dog", "axe");
    assertThat(test.notes()).isEmpty();
    Files.writeString(root.resolve("classes.txt"), "dog\ncat\n");
    assertThatThrownBy(() -> open(Part.TEST))
        .isInstanceOf(InputException.class)
        .hasMessage(
            root.resolve("Annotations/img 12.xml") + ": unknown class 'axe': one of dog, cat");
  }

  /** Which images are whose, with and without each list; 9 to 12 are the images. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train=9 val=10 test=11 trainval=9,10 | 1 | 1 | 1 | true",
        "train=9 val=10,11 | 1 | - | 2 | false",
        "trainval=9,10,11 test=12 | 3 | - | 1 | false",
        "trainval=9,10,11 val=11 test=12 | 3 | - | 1 | false",
        "train=9,10,11 test=12 | 3 | - | 1 | false",
        "val=9 test=10,11 | - | 1 | 2 | true",
        "trainval=9,10,11 | - | - | - | false",
      })
  void takesThePartsThatAreListed(
      String lists, String train, String val, String test, boolean ownVal) throws IOException {
    four();
    for (String each : lists.split(" ")) {
      String[] parts = each.split("=");
      String[] ids = parts[1].split(",");
      for (int i = 0; i < ids.length; i++) {
        ids[i] = "img " + ids[i] + "  -1"; // as lists of one class have it
      }
      listed(parts[0] + ".txt", ids);
    }
    assertThat(VocFolder.hasVal(root)).isEqualTo(ownVal);
    check(Part.TRAIN, train);
    check(Part.TEST, test);
    if (!val.equals("-")) {
      check(Part.VAL, val);
    }
  }

  private void check(Part part, String size) {
    if (size.equals("-")) {
      assertThatThrownBy(() -> VocFolder.open(root, part, 8))
          .isInstanceOf(InputException.class)
          .hasMessage(
              "no list of %s images in %s: expected train.txt or trainval.txt, and test.txt or val.txt",
              part.word(), root.resolve("ImageSets/Main"));
    } else {
      assertThat(VocFolder.open(root, part, 8).size()).isEqualTo(Integer.parseInt(size));
    }
  }

  @Test
  void splitsValidationOffTheTrainingImages() throws IOException {
    four();
    listed("trainval.txt", "img 9", "img 10", "img 11");
    listed("test.txt", "img 12");
    assertThat(open(Part.TRAIN).size()).isEqualTo(2);
    assertThat(open(Part.VAL).size()).isEqualTo(1);
    assertThat(names(open(Part.TEST))).containsExactly("axe");
  }

  @Test
  void findsImagesOfAnyFormatByTheirNameElseByTheFileName() throws IOException {
    Files.move(root.resolve("images"), root.resolve("JPEGImages"));
    Files.copy(Path.of("src/test/resources/io/images/rgb.tif"), root.resolve("JPEGImages/a.tif"));
    image("b.WEBP");
    image("day/c.bmp");
    image("other.png");
    image("twin.png");
    image("twin.jpg");
    String free = "<annotation><filename>%s</filename></annotation>";
    for (String[] each :
        new String[][] {
          {"a", "missing.png"},
          {"b", ""},
          {"day/c", "c.bmp"},
          {"d", "/somewhere/else/other.PNG"},
          {"twin", "twin.jpg"},
        }) {
      Path file = root.resolve("Annotations").resolve(each[0] + ".xml");
      Files.createDirectories(file.getParent());
      Files.writeString(file, free.formatted(each[1]));
    }
    Files.writeString(root.resolve("classes.txt"), "cat\n");
    listed("test.txt", "a", "b", "day/c", "d", "twin");

    Dataset test = open(Part.TEST);

    assertThat(((AnnotatedFiles) test).entries().stream().map(e -> e.image().getFileName()))
        .map(Path::toString)
        .containsExactly("a.tif", "b.WEBP", "c.bmp", "other.png", "twin.jpg");
    for (int i = 0; i < test.size(); i++) {
      assertThat(test.get(i).image().width()).isEqualTo(40);
      assertThat(test.get(i).annotation().boxes()).isEmpty();
    }
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    Path none = root.resolve("none");
    String expected =
        ": expected DIR/{JPEGImages or images}, DIR/Annotations/*.xml and, if wanted, DIR/classes.txt and DIR/ImageSets/Main/{train,val,test}.txt";
    refused(none, "no folder Annotations or annotations in " + none + expected);
    refused(root, "no annotations (.xml) in " + root.resolve("Annotations"));
    Path file = annotation("a.xml", "b.png", "cat");
    refused(root, "%s: no image a or b.png (%s) in %s", file, FORMATS, root.resolve("images"));
    Files.writeString(file, "<annotation/>");
    refused(
        root,
        "no objects in the annotations of %s: their classes could be listed in %s",
        root.resolve("Annotations"),
        root.resolve("classes.txt"));
    annotation("a.xml", "b.png", "");
    refused(root, file + ": an object without a name");
    annotation("a.xml", "a.png", "cat");
    image("a.jpg");
    image("a.bmp");
    refused(
        root,
        "%s: which image is meant? There are [%s, %s]",
        file,
        root.resolve("images/a.bmp"),
        root.resolve("images/a.jpg"));
    Files.delete(root.resolve("images/a.bmp"));
    Path second = annotation("b.xml", "a.jpg", "cat");
    refused(root, "%s: its image %s has another annotation", second, root.resolve("images/a.jpg"));
    Files.writeString(second, CAT.formatted("", "", "cat").replace(">10</xmax>", ">NaN</xmax>"));
    image("b.png");
    refused(root, second + ": xmax is 'NaN', no number");
    Path list = root.resolve("ImageSets/Main/train.txt");
    listed("train.txt", "a", "c");
    refused(root, list + " names c, but there is no c.xml in " + root.resolve("Annotations"));
    listed("train.txt", "a", "a 1");
    refused(root, list + " names a twice");
    listed("train.txt", "", "");
    refused(root, list + " names no image");
  }

  private static void refused(Path root, String message, Object... values) {
    assertThatThrownBy(() -> VocFolder.open(root, Part.TRAIN, 8))
        .isInstanceOf(InputException.class)
        .hasMessage(values.length == 0 ? message.replace("%", "%%") : message, values);
  }

  @Test
  void anAnnotationOfAnotherSizeIsRefused() throws IOException {
    four();
    Path image = root.resolve("images/img 9.png");
    Images.writePng(image, new Pixels(20, 10, new byte[600]));
    listed("test.txt", "img 9");
    assertThatThrownBy(() -> open(Part.TEST).get(0))
        .isInstanceOf(InputException.class)
        .hasMessage(image + " has 10×20 pixels, its annotation says 20×10");
  }
}
