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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCheckTest {

  private static final int WIDTH = 8;
  private static final int HEIGHT = 4;

  private final Path root;
  private final Found found = new Found();

  DataCheckTest(@TempDir Path root) {
    this.root = root;
  }

  /** Keeps what it is told. */
  private static final class Found implements DataCheck.Listener {
    private final List<String> refused = new ArrayList<>();
    private final List<String> repaired = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private long done;

    @Override
    public void refused(String what) {
      refused.add(what);
    }

    @Override
    public void repaired(String what) {
      repaired.add(what);
    }

    @Override
    public void noted(String what) {
      notes.add(what);
    }

    @Override
    public void advanced(long now, long total) {
      assertThat(now).isGreaterThan(done).isLessThanOrEqualTo(total);
      done = now;
    }
  }

  private Path file(String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return file;
  }

  private Path text(String name, String content) throws IOException {
    return Files.writeString(file(name), content);
  }

  private Path image(String name) throws IOException {
    Path file = file(name);
    Images.writePng(file, new Pixels(HEIGHT, WIDTH, new byte[3 * HEIGHT * WIDTH]));
    return file;
  }

  private Path mask(String name, int width, int value) throws IOException {
    BufferedImage mask = new BufferedImage(width, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    mask.getRaster().setSample(1, 2, 0, value);
    Path file = file(name);
    ImageIO.write(mask, "png", file.toFile());
    return file;
  }

  private DataCheck.Outcome check(String name, Part... parts) {
    return DataCheck.run(name, Optional.of(root), Datasets.labellings(name), List.of(parts), found);
  }

  @Test
  void tellsEveryMaskAndImageThatWouldBeRefused() throws IOException {
    text("classes.txt", "road\ncar\n");
    image("train/images/good.png");
    mask("train/masks/good.png", WIDTH, 1);
    image("train/images/narrow.png");
    Path narrow = mask("train/masks/narrow.png", 5, 7);
    Path alone = image("train/images/alone.png");
    Path empty = Files.write(file("test/images/empty.png"), new byte[0]);
    Path wrong = mask("test/masks/empty.png", WIDTH, 2);

    DataCheck.Outcome outcome = check("mask-folder");

    assertThat(found.refused)
        .containsExactlyInAnyOrder(
            alone + " has no mask " + root.resolve("train/masks/alone.png"),
            narrow + " has 5×4 pixels, its image narrow.png 8×4",
            narrow + " holds the value 7 at column 1, row 2: expected 0 to 1, or 255 for unknown",
            empty + ": an empty file, not an image",
            wrong + " holds the value 2 at column 1, row 2: expected 0 to 1, or 255 for unknown");
    assertThat(outcome.refused()).isEqualTo(5);
    assertThat(outcome.repaired()).isZero();
    assertThat(outcome.checked())
        .containsExactly(
            new DataCheck.Checked(Labelling.MASKS, Part.TRAIN, 2),
            new DataCheck.Checked(Labelling.MASKS, Part.TEST, 1));
    assertThat(found.done).isEqualTo(3);
  }

  @Test
  void tellsEveryBoxThatIsRepairedOnceAndKeepsToTheOrderOfTheFiles() throws IOException {
    String object =
        "<object><name>%s</name><bndbox><xmin>%s</xmin><ymin>1</ymin><xmax>%d</xmax><ymax>3</ymax></bndbox></object>";
    String size = "<size><width>8</width><height>4</height></size>";
    List<Path> cut = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      image("images/%d.png".formatted(i));
      cut.add(
          text(
              "Annotations/%d.xml".formatted(i),
              "<annotation>%s%s</annotation>".formatted(size, object.formatted("cat", "1", 9))));
    }
    text("classes.txt", "cat\n");
    Path broken = text("Annotations/9.xml", "<annotation><object>");
    Path unknown =
        text(
            "Annotations/10.xml",
            "<annotation>%s%s%s</annotation>"
                .formatted(size, object.formatted("dog", "1", 3), object.formatted("cat", "?", 3)));
    Path lone = text("Annotations/11.xml", "<annotation/>");
    image("images/10.png");
    text("images/note.txt", "");

    DataCheck.Outcome outcome = check("voc-folder");

    assertThat(found.repaired)
        .containsExactlyElementsOf(
            cut.stream()
                .map(file -> file + ": a box of cat reaches beyond the image, cut")
                .toList());
    assertThat(found.refused).hasSize(4);
    assertThat(found.refused.get(0)).startsWith(broken + ": damaged XML in line 1");
    assertThat(found.refused.get(1)).startsWith(unknown + ": unknown class 'dog'");
    assertThat(found.refused.get(2)).isEqualTo(unknown + ": xmin is '?', no number");
    assertThat(found.refused.get(3)).startsWith(lone + ": no image 11");
    assertThat(found.notes).anyMatch(note -> note.contains("1 file of other kinds passed over"));
    assertThat(outcome.repaired()).isEqualTo(8);
    assertThat(outcome.checked())
        .extracting(DataCheck.Checked::part)
        .containsExactly(Part.TRAIN, Part.TEST);
  }

  @Test
  void looksAtAllEntriesOfAnAnnotationFile() throws IOException {
    image("images/a.png");
    Path json =
        text(
            "annotations/train.json",
            """
            {"images": [{"id": 1, "file_name": "a.png", "width": 8, "height": 5},
                        {"id": 2, "file_name": "b.png"}, {"id": 3}],
             "annotations": [
               {"id": 1, "image_id": 1, "category_id": 9, "bbox": [0, 0, 2, 2]},
               {"id": 2, "image_id": 7, "category_id": 1, "bbox": [0, 0, 2, 2]},
               {"id": 3, "image_id": 1, "category_id": 1, "bbox": [0, 0]},
               {"id": 4, "image_id": 1, "category_id": 1, "bbox": [0, 0, 99, 2]}],
             "categories": [{"id": 1, "name": "car"}]}
            """);

    DataCheck.Outcome outcome = check("coco");

    assertThat(found.refused)
        .containsExactly(
            json + ": image 3 has no file_name",
            json + ": annotation 3: bbox is [0.0, 0.0], expected four numbers",
            json + ": annotation 2 is of image 7, which is not listed",
            json + ": annotation 1 is of category 9, which is not listed",
            root.resolve("images/a.png") + " has 8×4 pixels, its annotation says 8×5",
            root.resolve("images/b.png") + ": no such file");
    assertThat(found.repaired)
        .containsExactly(json + ": annotation 4 reaches beyond the image, cut");
    assertThat(outcome.checked())
        .containsExactly(new DataCheck.Checked(Labelling.BOXES, Part.TRAIN, 2));
  }

  @Test
  void checksMasksAndBoxesWhereThereAreBoth() throws IOException {
    for (String kind : List.of("Main", "Segmentation")) {
      text("VOCdevkit/VOC2012/ImageSets/" + kind + "/train.txt", "a\nb\n");
      text("VOCdevkit/VOC2012/ImageSets/" + kind + "/val.txt", "a\n");
    }
    Path a = image("VOCdevkit/VOC2012/JPEGImages/a.jpg"); // read by what is in it
    mask("VOCdevkit/VOC2012/SegmentationClass/a.png", WIDTH, 20);
    Path annotation =
        text(
            "VOCdevkit/VOC2012/Annotations/a.xml",
            "<annotation><size><width>9</width><height>4</height></size></annotation>");

    DataCheck.Outcome outcome = check("voc2012");

    assertThat(found.refused).hasSize(2);
    assertThat(found.refused.get(0)).contains(annotation.resolveSibling("b.xml").toString());
    assertThat(found.refused.get(1)).isEqualTo(a + " has 8×4 pixels, its annotation says 9×4");
    assertThat(outcome.checked())
        .containsExactly(
            new DataCheck.Checked(Labelling.MASKS, Part.TRAIN, 1),
            new DataCheck.Checked(Labelling.MASKS, Part.TEST, 1),
            new DataCheck.Checked(Labelling.BOXES, Part.TRAIN, 1),
            new DataCheck.Checked(Labelling.BOXES, Part.TEST, 1));
  }

  @Test
  void checksThePartsThatAreThere() throws IOException {
    for (int i : IntStream.range(0, 200).toArray()) {
      image("train/cat/%d.png".formatted(i));
    }
    Path broken = text("train/cat/150.png", "no image");
    Files.createDirectories(root.resolve("train/dog"));

    DataCheck.Outcome outcome = check("folder");

    assertThat(found.refused).hasSize(2);
    assertThat(found.refused.get(0)).contains("dog is a class without images");
    assertThat(found.refused.get(1)).startsWith(broken + ": ");
    assertThat(outcome.checked())
        .containsExactly(new DataCheck.Checked(Labelling.CLASSES, Part.TRAIN, 200));
    assertThatThrownBy(() -> check("folder", Part.VAL))
        .isInstanceOf(InputException.class)
        .hasMessage("folder has no val images of its own here");
  }

  @Test
  void goesOnToTheOtherPartsWhereOneCannotBeOpened() throws IOException {
    text("CamVid/train.txt", "train/a.png trainannot/a.png\nno mask's name here\n");
    image("CamVid/train/a.png");
    mask("CamVid/trainannot/a.png", WIDTH, 11);

    DataCheck.Outcome outcome = check("camvid");

    assertThat(found.refused).hasSize(3);
    assertThat(found.refused.get(0)).contains("'no mask's name here' is not 'IMAGE MASK'");
    assertThat(found.refused.get(1)).contains("no file", "val.txt");
    assertThat(found.refused.get(2)).contains("no file", "test.txt");
    assertThat(outcome.checked())
        .containsExactly(new DataCheck.Checked(Labelling.MASKS, Part.TRAIN, 1));
  }
}
