package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is cut out of images at their own size. */
class OriginalsTest {

  private static final int HEIGHT = 180;
  private static final int WIDTH = 250;
  private static final int SIDE = 60;
  private static final int DRAWS = 400;

  @TempDir private Path dir;

  /** Red is the column, green the row, blue 255; the mask is the column's twenty-fifth. */
  private static Sample map() {
    byte[] rgb = new byte[3 * HEIGHT * WIDTH];
    byte[] mask = new byte[HEIGHT * WIDTH];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int at = y * WIDTH + x;
        rgb[at] = (byte) x;
        rgb[HEIGHT * WIDTH + at] = (byte) y;
        rgb[2 * HEIGHT * WIDTH + at] = (byte) 255;
        mask[at] = (byte) (x / 25);
      }
    }
    return new Sample(new Pixels(HEIGHT, WIDTH, rgb), new Annotation(0, mask, List.of()));
  }

  private static int value(Sample sample, int channel, int y, int x) {
    return sample.image().rgb()[(channel * SIDE + y) * SIDE + x] & 255;
  }

  /** Where the crop shows the image: there blue is 255, beyond the frame 128. */
  private static boolean inside(Sample crop, int y, int x) {
    return value(crop, 2, y, x) == 255;
  }

  @Test
  void aCropIsAQuarterToAllOfTheSizeTurnedByTenDegreesAndLiesAnywhere() {
    Sample map = map();
    double sizes = 0;
    double least = 9;
    double most = 0;
    double steepest = 0;
    int flips = 0;
    boolean[] corners = new boolean[4];
    for (int draw = 0; draw < DRAWS; draw++) {
      Sample crop = new RandomCrop(.25, 1, false, 10, SIDE).apply(map, Seed.of(3).child(draw));
      assertThat(crop.image().rgb()).hasSize(3 * SIDE * SIDE);
      int near = SIDE / 2 - 5; // all crops are inside about their middle
      int far = SIDE / 2 + 5;
      double right = (value(crop, 0, near, far) - value(crop, 0, near, near)) / 10.0;
      double down = (value(crop, 1, near, far) - value(crop, 1, near, near)) / 10.0;
      double size = 1 / Math.hypot(right, down);
      double degrees = Math.toDegrees(Math.atan2(down, Math.abs(right)));
      sizes += size;
      least = Math.min(least, size);
      most = Math.max(most, size);
      steepest = Math.max(steepest, Math.abs(degrees));
      flips += right < 0 ? 1 : 0;
      for (int i = 0; i < SIDE * SIDE; i++) {
        if (inside(crop, i / SIDE, i % SIDE)) {
          int x = value(crop, 0, i / SIDE, i % SIDE);
          int y = value(crop, 1, i / SIDE, i % SIDE);
          corners[0] |= x < 10 && y < 10;
          corners[1] |= x >= WIDTH - 10 && y < 10;
          corners[2] |= x < 10 && y >= HEIGHT - 10;
          corners[3] |= x >= WIDTH - 10 && y >= HEIGHT - 10;
        }
      }
    }
    assertThat(least).isBetween(.24, .28);
    assertThat(most).isBetween(.95, 1.06); // ten steps of a pixel, rounded
    assertThat(sizes / DRAWS).isBetween(.59, .67); // uniform: .625
    assertThat(steepest).isBetween(7., 13.);
    assertThat(flips).isBetween(160, 240);
    assertThat(corners).containsOnly(true);
  }

  @Test
  void aMaskGoesWithItsCropAndIsUnknownBeyondTheFrame() {
    Sample map = map();
    for (int draw = 0; draw < 100; draw++) {
      Sample crop = new RandomCrop(.25, 2, false, 10, SIDE).apply(map, Seed.of(4).child(draw));
      int seen = 0;
      int agreed = 0;
      for (int i = 0; i < SIDE * SIDE; i++) {
        byte known = crop.annotation().mask()[i];
        if (inside(crop, i / SIDE, i % SIDE)) {
          seen++;
          // on an edge of two classes the colour may be the neighbour's
          double apart = value(crop, 0, i / SIDE, i % SIDE) / 25.0 - (known + .5);
          agreed += Math.abs(apart) < .75 ? 1 : 0;
        } else if (value(crop, 2, i / SIDE, i % SIDE) == 128) {
          assertThat(known).isEqualTo(Annotation.UNKNOWN);
        }
      }
      assertThat(seen).isPositive();
      assertThat(agreed).isGreaterThan(seen * 98 / 100);
    }
  }

  @Test
  void aSmallImageIsWhollyInItsCrop() {
    byte[] rgb = new byte[3 * 20 * 30];
    Arrays.fill(rgb, (byte) 255);
    Sample small =
        new Sample(new Pixels(20, 30, rgb), new Annotation(0, new byte[20 * 30], List.of()));
    for (int draw = 0; draw < 50; draw++) {
      Sample crop = new RandomCrop(1, 1, false, 0, SIDE).apply(small, Seed.of(5).child(draw));
      int known = 0;
      for (int i = 0; i < SIDE * SIDE; i++) {
        known += crop.annotation().mask()[i] == 0 ? 1 : 0;
        assertThat(inside(crop, i / SIDE, i % SIDE)).isEqualTo(crop.annotation().mask()[i] == 0);
      }
      assertThat(known).isEqualTo(20 * 30);
    }
  }

  @Test
  void boxesOfAnOblongImageStayTight() {
    byte[] rgb = new byte[3 * HEIGHT * WIDTH];
    Box box = new Box(2, 60, 50, 160, 130);
    for (int y = 50; y < 130; y++) {
      Arrays.fill(rgb, y * WIDTH + 60, y * WIDTH + 160, (byte) 255);
    }
    Sample sample =
        new Sample(new Pixels(HEIGHT, WIDTH, rgb), new Annotation(2, new byte[0], List.of(box)));
    int smaller = 0;
    int larger = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      Sample made = ObjectCrop.standard(SIDE).apply(sample, Seed.of(6).child(draw));
      Box moved = made.annotation().boxes().getFirst();
      double red = 0; // the area, in pixels, where red stands out from green
      for (int i = 0; i < SIDE * SIDE; i++) {
        red += (value(made, 0, i / SIDE, i % SIDE) - value(made, 1, i / SIDE, i % SIDE)) / 255.0;
      }
      double around = moved.right() - moved.left() + moved.bottom() - moved.top();
      assertThat(moved.area()).isBetween((float) (red - around), (float) (red + around));
      double whole = box.area() * SIDE * SIDE / (HEIGHT * WIDTH);
      smaller += moved.area() < .9 * whole ? 1 : 0;
      larger += moved.area() > 1.1 * whole ? 1 : 0;
    }
    assertThat(smaller).isGreaterThan(DRAWS / 5);
    assertThat(larger).isGreaterThan(DRAWS / 5);
  }

  @Test
  void cityscapesIsSeenFromAQuarterOfItsSizeVocFromHalf() throws IOException {
    Path city = dir.resolve("leftImg8bit/train/ulm/u_1_leftImg8bit.png");
    Files.createDirectories(city.getParent());
    ImageIO.write(new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB), "png", city.toFile());
    Path picture = dir.resolve("VOCdevkit/VOC2012/JPEGImages/a.jpg");
    Path mask = dir.resolve("VOCdevkit/VOC2012/SegmentationClass/a.png");
    Path list = dir.resolve("VOCdevkit/VOC2012/ImageSets/Segmentation/train.txt");
    for (Path file : List.of(picture, mask, list)) {
      Files.createDirectories(file.getParent());
    }
    Files.writeString(list, "a\n");
    Path annotation = dir.resolve("VOCdevkit/VOC2012/Annotations/a.xml");
    Files.createDirectories(annotation.getParent());
    Files.writeString(
        annotation, "<annotation><size><width>4</width><height>2</height></size></annotation>");
    ImageIO.write(new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB), "jpg", picture.toFile());
    ImageIO.write(new BufferedImage(4, 2, BufferedImage.TYPE_BYTE_GRAY), "png", mask.toFile());
    assertThat(RandomCrop.published(Cityscapes.open(dir, Part.TRAIN, 425)))
        .isEqualTo(new RandomCrop(.25, 1, false, 10, 425));
    Dataset voc = VocDevkit.open(dir, "voc2012", Part.TRAIN, Labelling.MASKS, 417, Flaws.thrown());
    assertThat(RandomCrop.published(voc)).isEqualTo(new RandomCrop(.5, 2, false, 10, 417));
    assertThat(RandomCrop.published(Scenes.ofMany(96, Part.TRAIN)))
        .isEqualTo(new RandomCrop(.5, 2, true, 10, 96));
  }

  /** However large the files are: the net will see the whole of each. */
  @Test
  void othersAreSeenAtHalfToTwiceTheSizeOfTheNet() {
    Sample map = map();
    for (double factor : new double[] {.5, 1}) {
      Sample crop = new RandomCrop(factor, factor, true, 0, SIDE).apply(map, Seed.of(3));
      int seen = 0;
      for (byte known : crop.annotation().mask()) {
        seen += known == Annotation.UNKNOWN ? 0 : 1;
      }
      double whole = factor * factor * SIDE * SIDE * HEIGHT / WIDTH;
      assertThat(seen / whole).isBetween(.9, 1.1);
    }
    Sample near = new RandomCrop(2, 2, true, 0, SIDE).apply(map, Seed.of(3));
    int middle = SIDE / 2;
    int ten = value(near, 0, middle, middle + 5) - value(near, 0, middle, middle - 5);
    assertThat(10.0 / Math.abs(ten)).isCloseTo(2.0 * SIDE / WIDTH, within(.03));
  }

  /** Single pixels would be lost in an image that was made smaller before. */
  @Test
  void aLoaderCutsOutOfFilesAtTheirOwnSize() throws IOException {
    byte[] board = new byte[3 * 100 * 160];
    for (int i = 0; i < board.length; i++) {
      board[i] = (byte) ((i % 160 + i / 160) % 2 * 255);
    }
    Files.writeString(dir.resolve("classes.txt"), "ground\nthing\n");
    Path image = dir.resolve("train/images/a.png");
    Path mask = dir.resolve("train/masks/a.png");
    Files.createDirectories(image.getParent());
    Files.createDirectories(mask.getParent());
    Images.writePng(image, new Pixels(100, 160, board));
    ImageIO.write(new BufferedImage(160, 100, BufferedImage.TYPE_BYTE_GRAY), "png", mask.toFile());
    Dataset files = MaskFolder.open(dir, Part.TRAIN, 32);
    for (Dataset data : List.of(files, new Cached(files), new Subset(files, 0))) {
      assertThat(data.original(0).image().width()).isEqualTo(160);
      assertThat(data.original(0).annotation().mask()).hasSize(100 * 160);
      Loader.Options options =
          Loader.Options.training(1).augmented(new RandomCrop(1, 1, false, 0, 32)).onThreads(2);
      try (Batches batches = new Loader(data, options, Seed.of(1)).epoch(0);
          Scope scope = Scope.open()) {
        Batch batch = batches.next();
        assertThat(Ops.shape(batch.images())).containsExactly(1, 3, 32, 32);
        for (float value : Ops.toFloats(batch.images())) {
          assertThat(value).isIn(0f, 1f);
        }
      }
      assertThat(data.get(0).image().rgb()).doesNotContain((byte) 255);
    }
  }
}
