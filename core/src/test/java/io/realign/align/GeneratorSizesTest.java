package io.realign.align;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Generators take images of any size, and gradients reach every pixel. */
class GeneratorSizesTest {

  private static final int[][] SIZES = {{16, 16}, {17, 23}, {32, 20}};

  static Stream<GeneratorConfig> generators() {
    return SmallGenerators.all();
  }

  @ParameterizedTest
  @MethodSource("generators")
  void repairsImagesOfAnySize(GeneratorConfig config) {
    try (Scope scope = Scope.open()) {
      Generator generator = config.create(Seed.of(2), Compute.CPU);
      generator.params().freeze();
      for (int[] size : SIZES) {
        Tensor images = Ops.leaf(Seed.of(1).uniform(.2, .8, 2, 3, size[0], size[1]));
        Tensor repaired = generator.forward(images);
        assertThat(Ops.shape(repaired)).isEqualTo(Ops.shape(images));
        assertThat(repaired.min().item_double()).isNotNegative();
        assertThat(repaired.max().item_double()).isLessThanOrEqualTo(1);
        Tensor gradient = Ops.gradients(repaired.sum(), List.of(images), false).getFirst();
        assertThat(gradient.isfinite().all().item_bool()).isTrue();
        assertThat(gradient.abs().min().item_double()).isPositive();
      }
    }
  }

  /** A correction starts small; a place's values go back to the pixels that they came from. */
  @Test
  void aNewCompactGeneratorHardlyChangesAnImage() {
    try (Scope scope = Scope.open()) {
      Tensor images = Seed.of(1).uniform(.2, .8, 2, 3, 24, 24);
      for (int patch : new int[] {1, 2, 4}) {
        Generator generator = SmallGenerators.compact(patch).create(Seed.of(2), Compute.CPU);
        Tensor change = generator.forward(images).sub(images).abs();
        assertThat(change.max().item_double()).isBetween(1e-6, .02);
      }
    }
  }

  @Test
  void sizesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new GlobalGenerator.Config(4, 3, 1, 12))
        .hasMessageContaining("side of 12 is no multiple of 8");
    assertThatThrownBy(() -> SmallGenerators.compact(-1))
        .hasMessageContaining("patch must be positive");
  }
}
