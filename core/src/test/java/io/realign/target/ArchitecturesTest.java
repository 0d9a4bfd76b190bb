package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.InputException;
import io.realign.nn.Params;
import io.realign.task.Outputs;
import io.realign.torch.Autocast;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every architecture, and what is known of each. */
class ArchitecturesTest {

  @ParameterizedTest
  @CsvSource({
    "cifar-resnet20, 10, 269722",
    "cifar-resnet56, 10, 853018",
    "wrn-10-1, 10, 77850",
    "wrn-16-2, 10, 691674",
    "wrn-28-10, 10, 36479194",
    "wrn-34-10, 10, 46160474",
    "resnet18, 1000, 11689512",
    "resnet34, 1000, 21797672",
    "resnet50, 1000, 25557032",
    "resnet101, 1000, 44549160",
    "resnet152, 1000, 60192808",
    "resnet50-cifar, 10, 23520842",
    "cifar-adv-resnet2b, 10, 112006",
    "cifar-adv-cnn-a, 10, 214918",
    "mobilenet-v2, 1001, 3489097",
    "scenes-net, 10, 185602",
  })
  void haveTheParametersTheyAreKnownBy(String name, int classes, long count) {
    try (Scope scope = Scope.open()) {
      assertThat(Targets.trainable(name, classes, Seed.of(1), Compute.CPU).params().count())
          .isEqualTo(count);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "cifar-resnet20, 32, 64",
    "cifar-resnet56, 16, 64",
    "wrn-10-1, 32, 64",
    "wrn-16-2, 16, 128",
    "resnet18, 64, 512",
    "resnet50, 64, 2048",
    "resnet50-cifar, 16, 2048",
    "resnet50-64, 16, 2048",
    "cifar-adv-resnet2b, 32, 100",
    "cifar-adv-cnn-a, 32, 100",
    "mobilenet-v2, 33, 1280",
    "scenes-net, 48, 80",
  })
  void sayTheSameFrozenAndDifferentiateByTheImagesAlone(String name, int size, int width) {
    try (Scope scope = Scope.open()) {
      TrainableTarget net = Targets.trainable(name, 7, Seed.of(1), Compute.CPU);
      Synthetic.disturbNorms(net.params().dict(), Seed.of(2));
      net.params().training(false);
      Tensor images = Synthetic.images(2, size);
      Outputs loose = net.forward(images);
      Target target = net.freeze();

      Tensor x = Ops.leaf(images);
      Outputs frozen = target.forward(x);

      assertThat(Ops.shape(frozen.logits())).containsExactly(2, 7);
      assertThat(Ops.shape(frozen.features())).containsExactly(2, width);
      assertSame(frozen.logits(), loose.logits());
      assertSame(frozen.features(), loose.features());
      float[] gradient = Ops.toFloats(Ops.gradient(frozen.logits().get(0).get(0), x));
      float first = norm(Arrays.copyOfRange(gradient, 0, gradient.length / 2));
      float second = norm(Arrays.copyOfRange(gradient, gradient.length / 2, gradient.length));
      assertThat(first).isPositive();
      assertThat(second).as("images do not touch each other").isZero();
      assertThat(target.forward(images).logits().requires_grad()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"cifar-resnet20", "wrn-10-1", "scenes-net", "cifar-adv-resnet2b"})
  void learnInBothPrecisions(String name) {
    try (Scope scope = Scope.open()) {
      for (Compute.Precision precision : Compute.Precision.values()) {
        TrainableTarget net = Targets.trainable(name, 10, Seed.of(1), Compute.CPU);
        try (Autocast autocast = Autocast.open(new Compute(Compute.Kind.CPU, precision))) {
          Tensor logits = net.forward(Synthetic.images(4, 32)).logits();
          Ops.crossEntropy(logits.to(torch.ScalarType.Float), Ops.longs(new long[] {0, 1, 2, 3}, 4))
              .backward();
        }
        assertThat(net.params().trained())
            .allMatch(weight -> Float.isFinite(norm(Ops.toFloats(weight.grad()))));
        assertThat(norm(Ops.toFloats(net.params().trained().getFirst().grad()))).isPositive();
      }
    }
  }

  /** Logits of class 0, 1, 2 and 9 of the second image, by PyTorch 1.13 from the same formulas. */
  @ParameterizedTest
  @CsvSource({
    "wrn-10-1, 2, 0.14002713561, -0.15913105011, -0.25594154000, 0.25429090858",
    "wrn-16-2, 2, 0.04953824729, -0.35875457525, 0.41931033135, -0.26520386338",
    "resnet50-cifar, 1, 2.82410717010, 7.53704116382, 11.51514625549, 1.45916557312",
  })
  void agreeWithPyTorch(
      String name, int images, double class0, double class1, double class2, double class9) {
    try (Scope scope = Scope.open()) {
      Architecture architecture = Architectures.of(name);
      Params params = Params.blank(Compute.CPU);
      Net net = architecture.body().build(params, 10);
      Synthetic.fill(params.dict());
      params.freeze();
      Tensor x =
          architecture.normalisation().layer(Compute.CPU).forward(Synthetic.images(images, 32));
      float[] logits = Ops.toFloats(net.forward(x).logits());
      int at = (images - 1) * 10;
      assertThat(IntStream.of(at, at + 1, at + 2, at + 9).mapToDouble(i -> logits[i]).toArray())
          .containsExactly(new double[] {class0, class1, class2, class9}, within(2e-4));
    }
  }

  @Test
  void leaveNothingToCollectGradientsOnceFrozen() {
    Params params = Params.create(Seed.of(1), Compute.CPU);
    Net net = Architectures.of("wrn-10-1").body().build(params, 10);
    params.freeze();
    assertThat(params.dict().entries()).noneMatch(entry -> entry.getValue().requires_grad());
    assertThat(net.forward(Synthetic.images(1, 32)).logits().requires_grad()).isFalse();
  }

  @Test
  void areListedWhenTheNameIsUnknown() {
    assertThatThrownBy(() -> Architectures.of("resnet9000"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("resnet9000")
        .hasMessageContaining("cifar-resnetD")
        .hasMessageContaining("wrn-D-K")
        .hasMessageNotContaining("\n");
  }

  @Test
  void haveDepthsThatExist() {
    assertThatThrownBy(() -> Architectures.of("wrn-30-4"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("10, 16, 22, 28, 34");
  }

  @Test
  void takeOnlyTheImagesTheyCan() {
    assertThat(Architectures.of("scenes-net").forImages(64).imageSize()).isEqualTo(64);
    assertThatThrownBy(() -> Architectures.of("cifar-adv-cnn-a").forImages(64))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("32 pixels, not 64");
  }

  private static void assertSame(Tensor actual, Tensor expected) {
    float[] wanted = Ops.toFloats(expected);
    double scale =
        IntStream.range(0, wanted.length).mapToDouble(i -> Math.abs(wanted[i])).max().orElse(0);
    assertThat(Ops.toFloats(actual))
        .containsExactly(wanted, within((float) (1e-5 * Math.max(1, scale))));
  }

  private static float norm(float[] values) {
    return (float)
        Math.sqrt(
            IntStream.range(0, values.length)
                .mapToObj(i -> (double) values[i] * values[i])
                .flatMapToDouble(DoubleStream::of)
                .sum());
  }
}
