package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.target.Targets;
import io.realign.target.TrainableTarget;
import io.realign.torch.Compute;
import io.realign.torch.MatrixGradients;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nets with wide convolutions learn by the same gradients as libtorch's. */
@ExtendWith(OneCore.class)
class MatrixGradientsOfTargetsTest {

  private static final Seed SEED = Seed.of(3);

  @ParameterizedTest
  @CsvSource({
    "ssd300-vgg16, 300",
    "rfbnet300-vgg16, 300",
    "ssd-compact-64, 64",
    "pspnet-resnet50, 65",
    "deeplabv3-resnet50, 65",
    "resnet50-64, 64"
  })
  void areThoseOfTheGraph(String architecture, int side) {
    try (Scope scope = Scope.open()) {
      TrainableTarget net = Targets.trainable(architecture, 5, SEED, Compute.CPU);
      Tensor images = SEED.uniform(0, 1, 2, 3, side, side);
      List<Tensor> weights = net.params().trained();
      List<Tensor> expected = Ops.gradients(loss(net, images), weights, false);
      List<Tensor> found;
      try (MatrixGradients open = MatrixGradients.open()) {
        found = open.gradients(loss(net, images), weights);
      }
      double largest = 0;
      for (int i = 0; i < weights.size(); i++) {
        double size = expected.get(i).abs().max().item_double();
        double apart = found.get(i).sub(expected.get(i)).abs().max().item_double();
        assertThat(apart).as("weight %d, of size %g", i, size).isLessThanOrEqualTo(1e-3 * size);
        largest = Math.max(largest, size);
      }
      assertThat(largest).isPositive();
    }
  }

  /** With the same draws of dropout each time. */
  private static Tensor loss(TrainableTarget net, Tensor images) {
    net.params().draws(SEED.child("draws"));
    Tensor logits = net.forward(images).logits();
    return logits.mul(logits).mean();
  }
}
