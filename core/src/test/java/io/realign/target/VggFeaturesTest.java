package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.nn.StateDict;
import io.realign.nn.StateDictMismatch;
import io.realign.torch.Compute;
import io.realign.torch.Convolutions;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class VggFeaturesTest {

  private static final int[] VGG16 = {0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28};
  private static final int[] VGG19 = {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34};
  private static final Map<String, String> BYTES = Map.of("input", "RGB in 0..255 minus mean");

  private final Tensor images = Synthetic.images(1, 32);

  @Test
  void givesFiveStagesOfAVgg16() {
    try (Scope scope = Scope.open()) {
      VggFeatures vgg =
          VggFeatures.of(weights(VGG16, 2, 4, 7, 10), Map.of(), "vgg16.pth", Compute.CPU);
      assertThat(vgg.depth()).isEqualTo(VggFeatures.Depth.VGG16);
      assertThat(vgg.provided()).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
      assertThat(vgg.stages(images, Set.of(1, 2, 3, 4, 5)).stream().map(Ops::shape))
          .containsExactly(
              new long[] {1, 64, 32, 32},
              new long[] {1, 128, 16, 16},
              new long[] {1, 256, 8, 8},
              new long[] {1, 512, 4, 4},
              new long[] {1, 512, 2, 2});
    }
  }

  @Test
  void givesTheStagesThatACutVgg19Reaches() {
    try (Scope scope = Scope.open()) {
      int[] cut = Arrays.copyOf(VGG19, 8);
      VggFeatures vgg =
          VggFeatures.of(weights(cut, 2, 4, 8, 12), Map.of(), "vgg19.safetensors", Compute.CPU);
      assertThat(vgg.depth()).isEqualTo(VggFeatures.Depth.VGG19);
      assertThat(vgg.provided()).containsExactlyInAnyOrder(1, 2, 3);
      assertThat(vgg.stages(images, Set.of(3, 1)).stream().map(Ops::shape))
          .containsExactly(new long[] {1, 64, 32, 32}, new long[] {1, 256, 8, 8});
      assertThatThrownBy(() -> vgg.stages(images, Set.of(3, 4)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[3, 4]")
          .hasMessageContaining("[1, 2, 3]");
    }
  }

  @Test
  void dividesTheFeaturesOfANetForBytes() {
    try (Scope scope = Scope.open()) {
      StateDict weights = weights(new int[] {0, 2, 5}, 2, 4, 8, 12);
      Tensor mean = Ops.floats(new float[] {123.68f, 116.779f, 103.939f}, 1, 3, 1, 1);
      Tensor first = layer(weights, 0, Ops.scale(images, 255).sub(mean));
      Tensor second = layer(weights, 5, Ops.maxPool2d(layer(weights, 2, first), 2));

      List<Tensor> stages =
          VggFeatures.of(weights, BYTES, "bytes", Compute.CPU).stages(images, Set.of(1, 2));

      assertThat(Ops.toFloats(stages.get(0)))
          .containsExactly(Ops.toFloats(Ops.scale(first, 1.0 / 57)), within(1e-4f));
      assertThat(Ops.toFloats(stages.get(1)))
          .containsExactly(Ops.toFloats(Ops.scale(second, 1.0 / 57)), within(1e-4f));
    }
  }

  @Test
  void differentiatesByTheImages() {
    try (Scope scope = Scope.open()) {
      VggFeatures vgg =
          VggFeatures.of(weights(new int[] {0, 2, 5}, 2, 4, 8, 12), BYTES, "v", Compute.CPU);
      Tensor x = Ops.leaf(images);
      Tensor gradient = Ops.gradient(vgg.stages(x, Set.of(2)).getFirst().sum(), x);
      assertThat(gradient.abs().sum().item_float()).isPositive();
    }
  }

  @Test
  void refusesWeightsOfAnotherNet() {
    StateDict other = new StateDict();
    other.put("conv1.weight", Ops.floats(new float[1], 1));
    assertThatThrownBy(() -> VggFeatures.of(other, Map.of(), "other.pth", Compute.CPU))
        .isInstanceOf(StateDictMismatch.class)
        .hasMessageContaining("other.pth does not fit: missing features.0.weight");
    StateDict wrong = new StateDict();
    wrong.put("features.0.weight", Ops.floats(new float[9], 1, 1, 3, 3));
    wrong.put("features.0.bias", Ops.floats(new float[1], 1));
    assertThatThrownBy(() -> VggFeatures.of(wrong, Map.of(), "wrong.pth", Compute.CPU))
        .isInstanceOf(StateDictMismatch.class)
        .hasMessageContaining("features.0.weight is [1, 1, 3, 3] instead of [64, 3, 3, 3]");
  }

  private static Tensor layer(StateDict weights, int index, Tensor x) {
    String name = "features." + index;
    return Convolutions.conv2d(
            x, weights.get(name + ".weight"), weights.get(name + ".bias"), 1, 1, 1)
        .relu();
  }

  /** Random weights; the blocks end before the convolutions {@code ends}. */
  private static StateDict weights(int[] indices, int... ends) {
    StateDict dict = new StateDict();
    int in = 3;
    for (int i = 0; i < indices.length; i++) {
      int block = 0;
      while (block < ends.length && i >= ends[block]) {
        block++;
      }
      int out = Math.min(512, 64 << block);
      Seed seed = Seed.of(1).child(i);
      String name = "features." + indices[i];
      dict.put(name + ".weight", seed.normal(Math.sqrt(2.0 / (9 * in)), out, in, 3, 3));
      dict.put(name + ".bias", seed.uniform(-1, 1, out));
      in = out;
    }
    return dict;
  }
}
