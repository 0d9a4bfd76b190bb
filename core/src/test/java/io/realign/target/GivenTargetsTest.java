package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.io.IOException;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published nets score what their data sheet says. */
@Tag("real")
class GivenTargetsTest {

  @ParameterizedTest
  @CsvSource({
    "cifar-resnet20, cifar10_resnet20.safetensors, 915",
    "cifar-resnet56, cifar10_resnet56.safetensors, 926",
  })
  void scoresAsPublishedOnTheThousandTestImages(String name, String file, int right)
      throws IOException {
    Target target =
        Targets.of(
            Architectures.of(name),
            RealData.temporaryRead(RealData.weights(file)),
            Map.of(),
            file,
            Compute.CPU);
    assertThat(correct(target)).isEqualTo(right);
  }

  private static int correct(Target target) throws IOException {
    byte[] test = RealData.cifarTest();
    int correct = 0;
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int start = 0; start < 1000; start += 100) {
        try (Scope scope = Scope.open()) {
          Tensor logits = target.forward(RealData.cifarImages(test, start, 100)).logits();
          long[] said = Ops.toLongs(logits.argmax(new LongOptional(1), false));
          long[] labels = RealData.cifarLabels(test, start, 100);
          for (int i = 0; i < labels.length; i++) {
            correct += said[i] == labels[i] ? 1 : 0;
          }
        }
      }
    }
    return correct;
  }
}
