package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * TorchScript that PyTorch wrote, of modules that share nothing with ours but the published
 * weights: {@code -Dpeers.python=EXECUTABLE -Dreal.data=DIR}, see bench/peers.
 */
@Tag("peers")
class ScriptPeersTest {

  /** Against PyTorch's own outputs and gradients, and against our architecture. */
  @Test
  void answersAsPyTorchAndAsOurArchitectures(@TempDir Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                System.getProperty("peers.python", "python3"),
                Path.of("..", "bench", "peers", "torchscript.py").toAbsolutePath().toString(),
                "--out",
                folder.toString(),
                "--weights",
                RealData.folder().resolve("weights").toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    same(folder, "resnet20", "cifar-resnet20@", "cifar10_resnet20.safetensors");
    same(folder, "deeplab", "deeplabv3-mobilenet-v2@", "deeplabv3_mnv2_voc_257.safetensors");
    same(folder, "ssd", "ssd-mobilenet-v1@", "ssd_mobilenet_v1_coco_300_deq.safetensors");
  }

  private static void same(Path folder, String name, String architecture, String weights) {
    Target script =
        Targets.load(
            new TargetName(folder.resolve(name + ".yaml").toString()), Trust.SCRIPTS, Compute.CPU);
    Target ours = Targets.load(architecture + RealData.weights(weights), Compute.CPU);
    StateDict golden = Safetensors.read(folder.resolve(name + ".golden.safetensors"));
    try (Scope scope = Scope.open()) {
      for (Target target : List.of(script, ours)) {
        Tensor x = Ops.leaf(golden.get("images"));
        Tensor found = target.forward(x).logits();
        assertThat(apart(found, golden.get("logits"))).as(name).isLessThan(1e-4);
        Tensor gradient = Ops.gradient(found.mul(found).mean(), x);
        assertThat(share(gradient, golden.get("gradient")))
            .as("gradient of " + name)
            .isLessThan(2e-2); // PyTorch on one and on two threads: up to 7e-3
      }
      Tensor images = golden.get("images");
      Tensor theirs = script.task().predictions(script.forward(images));
      Tensor mine = ours.task().predictions(ours.forward(images));
      assertThat(apart(theirs, mine)).as("predictions of " + name).isLessThan(1e-3);
    }
  }

  /**
   * The L2 norm of the difference as a share of the second's: gates at their kink flip by rounding.
   */
  private static double share(Tensor a, Tensor b) {
    return a.sub(b).norm().item_double() / b.norm().item_double();
  }

  /** The largest difference. */
  private static double apart(Tensor a, Tensor b) {
    assertThat(Ops.shape(a)).isEqualTo(Ops.shape(b));
    return a.to(torch.ScalarType.Float).sub(b.to(torch.ScalarType.Float)).abs().max().item_double();
  }
}
