package io.realign.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images of any size; tiles are not to be seen. */
@ExtendWith(OneCore.class)
class PixelPurifierTest {

  private static final List<Double> HALVES = List.of(.5, .5, .5);

  private static GeneratorPurifier committed(String run) {
    return DefenseFile.read(Path.of("..", "results", run, "defense.safetensors"), Compute.CPU);
  }

  private static GeneratorPurifier made(GeneratorConfig config) {
    return new GeneratorPurifier("made", config.create(Seed.of(3), Compute.CPU));
  }

  private static CompactGenerator.Config compact(int patch) {
    return new CompactGenerator.Config(patch, 4, 1, 1, 1, .5, HALVES, HALVES);
  }

  /** Soft blobs with noise on them: something to repair everywhere. */
  private static Pixels image(int height, int width) {
    return image(height, width, 8);
  }

  private static Pixels image(int height, int width, double noise) {
    Random random = new Random(height);
    byte[] rgb = new byte[3 * height * width];
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          double value = 128 + 70 * Math.sin((x + 20 * c) / 23.0) * Math.cos((y - 9 * c) / 31.0);
          rgb[(c * height + y) * width + x] = (byte) (value + noise * random.nextGaussian());
        }
      }
    }
    return new Pixels(height, width, rgb);
  }

  private static Pixels atOnce(GeneratorPurifier purifier, Pixels image) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      return Images.fromTensor(purifier.purify(Images.toTensor(List.of(image)))).getFirst();
    }
  }

  private static int difference(Pixels a, Pixels b, int i) {
    return Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
  }

  private static int furthest(Pixels a, Pixels b) {
    int furthest = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      furthest = Math.max(furthest, difference(a, b, i));
    }
    return furthest;
  }

  private static int changed(Pixels a, Pixels b) {
    int changed = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      changed += difference(a, b, i) > 0 ? 1 : 0;
    }
    return changed;
  }

  /**
   * A trained defense that sees 58 pixels far: the same image by tiles and at once, up to the
   * rounding of a value that lies between two.
   */
  @ParameterizedTest
  @CsvSource({"401, 303", "270, 430", "264, 500"})
  void tilesOfACompactDefenseGiveTheWholeImage(int height, int width) {
    GeneratorPurifier purifier = committed("cifar10-resnet20");
    assertThat(purifier.generator().sight()).isEqualTo(new Sight.Near(4, 58));
    Pixels image = image(height, width);
    List<Double> parts = new ArrayList<>();
    Pixels tiled = new PixelPurifier(purifier, Compute.CPU, 264).purify(image, parts::add);
    assertThat(parts).hasSizeGreaterThan(1).isSorted().endsWith(1.0);
    Pixels whole = atOnce(purifier, image);
    assertThat(changed(image, whole)).isGreaterThan(image.rgb().length / 2);
    assertThat(furthest(tiled, whole)).isLessThanOrEqualTo(1);
    assertThat(changed(tiled, whole)).isLessThan(image.rgb().length / 1000);
  }

  /** What is said of how far a compact generator sees is true, and not much more than true. */
  @ParameterizedTest
  @CsvSource({"1", "2", "3"})
  void aCompactGeneratorSeesAsFarAsItSays(int patch) {
    Generator generator = compact(patch).create(Seed.of(3), Compute.CPU);
    generator.params().freeze();
    assertThat(generator.sight()).isInstanceOf(Sight.Near.class);
    int reach = ((Sight.Near) generator.sight()).reach();
    int size = 2 * reach + 40;
    size += (4 * patch - size % (4 * patch)) % (4 * patch);
    int furthest = 0;
    for (int at = size / 2; at < size / 2 + 4 * patch; at += patch) {
      try (Scope scope = Scope.open();
          NoGradGuard guard = new NoGradGuard()) {
        Tensor image = Seed.of(1).uniform(.3, .7, 1, 3, size, size);
        float[] values = Ops.toFloats(image);
        values[at * size + at] = 1;
        float[] before = Ops.toFloats(generator.forward(image));
        float[] after = Ops.toFloats(generator.forward(Ops.floats(values, 1, 3, size, size)));
        for (int i = 0; i < before.length; i++) {
          if (before[i] != after[i]) {
            int y = i / size % size;
            int x = i % size;
            furthest = Math.max(furthest, Math.max(Math.abs(y - at), Math.abs(x - at)));
          }
        }
      }
    }
    assertThat(furthest).isLessThanOrEqualTo(reach).isGreaterThan(reach / 2);
  }

  /** A trained defense that sees some hundreds of pixels far: nearly what the whole image gives. */
  @Test
  void tilesOfAFarSightedDefenseLeaveNoStep() {
    GeneratorPurifier purifier = committed("voc-segmentation");
    assertThat(purifier.generator().sight()).isInstanceOf(Sight.Far.class);
    Pixels image = brightening(48, 400);
    Pixels tiled = new PixelPurifier(purifier, Compute.CPU, 256).purify(image);
    Pixels whole = atOnce(purifier, image);
    double step = step(offsets(tiled, whole));
    double seam = step(offsets(halves(purifier, image), whole));
    assertThat(furthest(tiled, whole)).isLessThanOrEqualTo(3);
    assertThat(step).as("from columns to columns").isLessThan(.3);
    assertThat(seam).as("two halves side by side").isGreaterThan(3 * step);
  }

  /**
   * A repair that takes the mean of what it sees to grey, as instance norm does: tiles that lie
   * side by side differ by far more than a step that can be seen, and still there is none.
   */
  @ParameterizedTest
  @CsvSource({"100, 600", "600, 100"})
  void tilesOfDifferentBrightnessFadeIntoOneAnother(int height, int width) {
    boolean wide = width > height;
    Pixels image = wide ? brightening(height, width) : turned(brightening(width, height));
    int blend = 32;
    Axis rows = Axis.cut(height, 256, 4, 32, blend);
    Axis columns = Axis.cut(width, 256, 4, 32, blend);
    Axis cut = wide ? columns : rows;
    assertThat(cut.count()).isGreaterThan(2);
    Pixels even = new Mosaic(image, rows, columns).repaired(PixelPurifierTest::grey, part -> {});
    Pixels shown = wide ? even : turned(even);
    double[] brightness =
        offsets(shown, new Pixels(shown.height(), shown.width(), new byte[even.rgb().length]));
    double most = 0;
    for (int x = 1; x < brightness.length; x++) {
      most = Math.max(most, Math.abs(brightness[x] - brightness[x - 1]));
    }
    // the mean of a tile rises from one tile to the next by 170/600 of a tile's distance
    double apart = 170.0 / 600 * (cut.start(1) - cut.start(0));
    assertThat(apart).isGreaterThan(25);
    assertThat(most).as("from column to column").isLessThan(apart / blend + 1.5);
  }

  private static float[] grey(float[] values, int height, int width) {
    double mean = 0;
    for (float value : values) {
      mean += value / values.length;
    }
    float[] moved = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      moved[i] = (float) (values[i] - mean + .5);
    }
    return moved;
  }

  private static Pixels turned(Pixels image) {
    byte[] rgb = new byte[image.rgb().length];
    int plane = image.height() * image.width();
    for (int i = 0; i < rgb.length; i++) {
      int y = i % plane / image.width();
      int x = i % image.width();
      rgb[i / plane * plane + x * image.height() + y] = image.rgb()[i];
    }
    int height = image.width();
    int width = image.height();
    return new Pixels(height, width, rgb);
  }

  /**
   * Darker than its mean to the left, brighter to the right: no part has the whole's statistics.
   */
  private static Pixels brightening(int height, int width) {
    byte[] rgb = new byte[3 * height * width];
    for (int i = 0; i < rgb.length; i++) {
      int x = i % width;
      int y = i / width % height;
      rgb[i] = (byte) (40 + 170 * x / width + 15 * Math.sin(x / 9.0) * Math.cos(y / 7.0));
    }
    return new Pixels(height, width, rgb);
  }

  /** How far the mean of each column of {@code a} lies above that of {@code b}. */
  private static double[] offsets(Pixels a, Pixels b) {
    double[] offsets = new double[a.width()];
    for (int i = 0; i < a.rgb().length; i++) {
      offsets[i % a.width()] += (a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff);
    }
    return Arrays.stream(offsets).map(sum -> sum / (3 * a.height())).toArray();
  }

  /** The largest difference between the means of eight columns and of the next eight. */
  private static double step(double[] offsets) {
    int n = 8; // two periods of the pattern that an untrained generator has
    return IntStream.range(n, offsets.length - n)
        .mapToDouble(x -> Math.abs(mean(offsets, x, n) - mean(offsets, x - n, n)))
        .max()
        .orElseThrow();
  }

  private static double mean(double[] values, int from, int count) {
    return Arrays.stream(values, from, from + count).average().orElseThrow();
  }

  /** Each half repaired by itself: what a seam looks like. */
  private static Pixels halves(GeneratorPurifier purifier, Pixels image) {
    int half = image.width() / 2;
    byte[] rgb = new byte[image.rgb().length];
    for (int left : new int[] {0, half}) {
      byte[] part = new byte[rgb.length / 2];
      for (int row = 0; row < 3 * image.height(); row++) {
        System.arraycopy(image.rgb(), row * image.width() + left, part, row * half, half);
      }
      byte[] repaired = atOnce(purifier, new Pixels(image.height(), half, part)).rgb();
      for (int row = 0; row < 3 * image.height(); row++) {
        System.arraycopy(repaired, row * half, rgb, row * image.width() + left, half);
      }
    }
    return new Pixels(image.height(), image.width(), rgb);
  }

  /** The published generator for masks and boxes: the same as its own resizing of the whole. */
  @ParameterizedTest
  @CsvSource({"100, 70", "31, 64", "64, 64", "1, 5"})
  void aGeneratorOfItsOwnSizeSeesTheWholeImage(int height, int width) {
    GeneratorPurifier purifier = made(new GlobalGenerator.Config(4, 2, 1, 64));
    Pixels image = image(height, width);
    Pixels repaired = new PixelPurifier(purifier, Compute.CPU, 64).purify(image);
    Pixels whole = atOnce(purifier, image);
    assertThat(furthest(repaired, whole)).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 40", "3, 2", "15, 17", "16, 16", "33, 64"})
  void imagesSmallerThanTheGeneratorTakesKeepTheirSize(int height, int width) {
    for (GeneratorConfig config :
        List.of(compact(1), compact(4), new GlobalGenerator.Config(4, 4, 1))) {
      Pixels image = image(height, width);
      Pixels repaired = new PixelPurifier(made(config), Compute.CPU).purify(image);
      assertThat(repaired.height()).isEqualTo(height);
      assertThat(repaired.width()).isEqualTo(width);
    }
    Pixels large = image(33, 64); // with nothing to mirror it is the generator itself
    GeneratorPurifier purifier = made(compact(1));
    assertThat(new PixelPurifier(purifier, Compute.CPU).purify(large).rgb())
        .isEqualTo(atOnce(purifier, large).rgb());
  }

  /** Runs the generator here, and all else on one thread of its own. */
  private record Elsewhere(ExecutorService thread, List<Thread> seen)
      implements PixelPurifier.Repair {

    @Override
    public float[] apply(float[] values, int height, int width) {
      assertThat(Thread.currentThread()).as("where the net runs").isNotIn(seen);
      return grey(values, height, width);
    }

    @Override
    public <T> T around(Supplier<T> part) {
      try {
        return thread
            .submit(
                () -> {
                  seen.add(Thread.currentThread());
                  return part.get();
                })
            .get();
      } catch (InterruptedException | ExecutionException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void theWorkAroundTheNetIsDoneWhereItIsTold() {
    for (GeneratorConfig config : List.of(compact(1), new GlobalGenerator.Config(4, 2, 1, 64))) {
      PixelPurifier purifier = new PixelPurifier(made(config), Compute.CPU, 160);
      Pixels image = image(300, 170);
      List<Thread> seen = new CopyOnWriteArrayList<>();
      try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
        Pixels repaired = purifier.purify(image, new Elsewhere(thread, seen), part -> {});
        assertThat(repaired.rgb())
            .isEqualTo(purifier.purify(image, PixelPurifierTest::grey, part -> {}).rgb());
      }
      assertThat(seen).hasSizeGreaterThan(1);
    }
  }

  @Test
  void aListenerEndsTheWorkByThrowing() {
    PixelPurifier purifier = new PixelPurifier(made(compact(1)), Compute.CPU, 160);
    List<Double> parts = new ArrayList<>();
    assertThatThrownBy(
            () ->
                purifier.purify(
                    image(300, 300),
                    part -> {
                      parts.add(part);
                      throw new CancellationException();
                    }))
        .isInstanceOf(CancellationException.class);
    assertThat(parts).hasSize(1);
  }

  @Test
  void tilesThatAreTooSmallAreRefused() {
    assertThatThrownBy(() -> new PixelPurifier(committed("cifar10-resnet20"), Compute.CPU, 100))
        .isInstanceOf(InputException.class)
        .hasMessage("tiles of 100 pixels: defense.safetensors needs at least 264");
  }

  /** At each place the weights add up to 1, and only tiles count that are far enough inside. */
  @Test
  void tilesShareEachPlace() {
    Random random = new Random(5);
    for (int i = 0; i < 300; i++) {
      int multiple = 1 << random.nextInt(5);
      int margin = multiple + random.nextInt(60);
      int blend = 16;
      int least = 4 * margin + 2 * blend + 2 * multiple;
      int tile = (least / multiple + 1 + random.nextInt(40)) * multiple;
      Axis axis = Axis.cut(1 + random.nextInt(3000), tile, multiple, margin, blend);
      float[] sum = new float[axis.size()];
      for (int k = 0; k < axis.count(); k++) {
        assertThat(axis.start(k) % multiple).isZero();
        assertThat(axis.end(k) - axis.start(k)).isLessThan(tile + multiple);
        for (int place = axis.start(k); place < axis.end(k); place++) {
          float weight = axis.weight(k, place);
          sum[place] += weight;
          if (weight > 0) {
            assertThat(axis.start(k) == 0 || place >= axis.start(k) + margin).isTrue();
            assertThat(axis.end(k) == axis.size() || place < axis.end(k) - margin).isTrue();
          }
        }
      }
      for (float each : sum) {
        assertThat(each).isBetween(.9999f, 1.0001f);
      }
    }
  }
}
