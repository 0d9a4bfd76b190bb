package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.InputException;
import io.realign.task.Outputs;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResizingNetTest {

  private static final int SIZE = 48;

  private final Tensor images = Synthetic.images(2, SIZE);

  @ParameterizedTest
  @CsvSource({"scenes-net,32", "cifar-adv-cnn-a,32", "deeplabv3-compact,96", "ssd-compact-64,64"})
  void saysOfResizedImagesWhatTheNetSays(String name, int seen, @TempDir Path folder) {
    Path file = saved(name, folder);
    Outputs expected = load("%s:%d@%s", name, seen, file).forward(resized(images, seen));

    Target target = load("%s:48/%d@%s", name, seen, file);
    Outputs actual = target.forward(images);

    assertThat(target.imageSize()).isEqualTo(SIZE);
    assertThat(target.anySize()).isTrue();
    boolean pixels = expected.logits().dim() == 4;
    Tensor logits = pixels ? resized(expected.logits(), SIZE) : expected.logits();
    assertSame(actual.logits(), logits);
    assertSame(actual.features(), expected.features());
    expected.offsets().ifPresent(boxes -> assertSame(actual.offsets().orElseThrow(), boxes));
  }

  @Test
  void answersEachPixelOfImagesOfAnySize(@TempDir Path folder) {
    Target target =
        load("%s:48/%d@%s", "deeplabv3-compact", 64, saved("deeplabv3-compact", folder));
    Tensor wide = Ops.resize(images, 40, 72);
    assertThat(target.forward(wide).logits().sizes().get(2)).isEqualTo(40);
    assertThat(target.forward(wide).logits().sizes().get(3)).isEqualTo(72);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64/", "/32", "a/32", "64/32/16", "64x32", "-64/32"})
  void refusesOtherSizes(String sizes, @TempDir Path folder) {
    Path file = saved("cifar-adv-cnn-a", folder);
    assertThatThrownBy(() -> Targets.load("cifar-adv-cnn-a:" + sizes + "@" + file, Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("SIZE/SEEN");
  }

  @Test
  void refusesSizesThatTheNetDoesNotTake(@TempDir Path folder) {
    Path file = saved("cifar-adv-cnn-a", folder);
    assertThatThrownBy(() -> Targets.load("cifar-adv-cnn-a:64/48@" + file, Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("32 pixels, not 48");
    assertThatThrownBy(() -> Targets.load("cifar-adv-cnn-a:4/32@" + file, Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("at least 8 pixels, not 4");
  }

  private static Path saved(String name, Path folder) {
    Path file = folder.resolve("net.safetensors");
    Targets.trainable(name, 5, Seed.of(1), Compute.CPU).save(file);
    return file;
  }

  private static Target load(String form, String name, int seen, Path file) {
    return Targets.load(form.formatted(name, seen, file), Compute.CPU);
  }

  /** PyTorch's own interpolation, in the form that modules use. */
  private static Tensor resized(Tensor x, int side) {
    return torch.upsample_bilinear2d(x, new long[] {side, side}, false);
  }

  /** Resized and then normalised, or the other way round, differs by rounding. */
  private static void assertSame(Tensor actual, Tensor expected) {
    assertThat(Ops.toFloats(actual)).containsExactly(Ops.toFloats(expected), within(1e-3f));
  }
}
