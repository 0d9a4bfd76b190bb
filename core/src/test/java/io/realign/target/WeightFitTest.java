package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightFitTest {

  private static StateDict weights(String architecture, int classes) {
    Params params = Params.blank(Compute.CPU);
    Architectures.of(architecture).body().build(params, classes);
    return params.dict();
  }

  private static List<String> fits(StateDict weights, Map<String, String> metadata) {
    return WeightFit.of(weights, metadata).stream()
        .filter(WeightFit::fits)
        .map(fit -> fit.architecture().name())
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "deeplabv3-resnet50, 4, deeplabv3-resnet50-torchvision deeplabv3-resnet50",
    "ssd300-vgg16, 90, ssd300-vgg16-torchvision ssd300-vgg16",
    "resnet50-64, 200, resnet50-cifar resnet50-64",
    "cifar-resnet20, 3, cifar-resnet20",
    "ssd-compact-64, 10, ssd-compact-64 ssd-compact-128 ssd-compact-192 ssd-compact-256 ssd-compact-320",
  })
  void namesEveryArchitectureOfTheseShapes(String name, int classes, String fitting) {
    try (Scope scope = Scope.open()) {
      StateDict weights = weights(name, classes);
      List<String> fits = fits(weights, Map.of());
      assertThat(fits).containsExactly(fitting.split(" "));
      assertThat(fits.size() == 1 || fits.stream().noneMatch(WeightFitTest::isAlone)).isTrue();
    }
  }

  private static boolean isAlone(String architecture) {
    return Architectures.of(architecture).apart().isEmpty();
  }

  @Test
  void putsTheOneThatTheMetadataNameFirst() {
    try (Scope scope = Scope.open()) {
      StateDict weights = weights("resnet50-64", 10);
      assertThat(fits(weights, Map.of(Targets.ARCHITECTURE, "resnet50-64")))
          .containsExactly("resnet50-64", "resnet50-cifar");
    }
  }

  @Test
  void takesTheSideOfACompactDetectorFromItsMetadata() {
    try (Scope scope = Scope.open()) {
      StateDict weights = weights("ssd-compact-64", 10);
      assertThat(fits(weights, Map.of(Targets.IMAGE_SIZE, "448")))
          .containsExactly("ssd-compact-448");
      assertThat(fits(weights, Map.of(Targets.ARCHITECTURE, "ssd-compact-512")).getFirst())
          .isEqualTo("ssd-compact-512");
    }
  }

  @Test
  void leavesOutWhatRenamingMakesAmbiguousAndWhatIsFarLarger() {
    StateDict odd = new StateDict();
    Tensor one = Ops.floats(new float[] {1}, 1);
    odd.put("MobileNetV2/top/Conv2D", one);
    odd.put("MobileNetV2/top/BiasAdd", one); // both are top.bias
    odd.put("fc.weight", Ops.floats(new float[2], 2, 1));
    assertThatThrownBy(() -> MobileNetV2.fromTensorFlow(odd))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(WeightFit.of(odd, Map.of())).noneMatch(WeightFit::fits);
  }
}
