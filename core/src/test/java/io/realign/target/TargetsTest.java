package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.nn.StateDictMismatch;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetsTest {

  private final Tensor images = Synthetic.images(2, 32);

  @Test
  void readsBackWhatATrainedNetSaves(@TempDir Path folder) {
    Architecture architecture =
        Architectures.of("scenes-net").forImages(48).normalisedBy(Normalisation.CIFAR10);
    TrainableTarget net = Targets.trainable(architecture, 3, Seed.of(1), Compute.CPU);
    net.forward(images); // moves the statistics of the norms
    Path file = folder.resolve("net.safetensors");
    net.save(file);

    Target target = Targets.load("scenes-net@" + file, Compute.CPU);

    assertThat(target.name()).isEqualTo("scenes-net");
    assertThat(target.classes()).isEqualTo(3);
    assertThat(target.imageSize()).isEqualTo(48);
    assertThat(Ops.toFloats(target.forward(images).logits()))
        .containsExactly(Ops.toFloats(net.freeze().forward(images).logits()));
  }

  @Test
  void aFrozenCopyStaysAsItIsWhileTheNetTrainsOn() {
    TrainableTarget net = Targets.trainable("wrn-10-1", 4, Seed.of(1), Compute.CPU);
    Target target = net.freeze();
    float[] before = Ops.toFloats(target.forward(images).logits());
    net.forward(images);
    Synthetic.disturbNorms(net.params().dict(), Seed.of(3));
    assertThat(Ops.toFloats(target.forward(images).logits())).containsExactly(before);
    assertThat(net.params().trained()).allMatch(Tensor::requires_grad);
  }

  @Test
  void overlooksWhatPyTorchLeavesInFiles() {
    TrainableTarget net = Targets.trainable("wrn-10-1", 10, Seed.of(1), Compute.CPU);
    StateDict published = new StateDict();
    net.params()
        .dict()
        .entries()
        .forEach(entry -> published.put("module." + entry.getKey(), entry.getValue()));
    published.put("module.bn1.num_batches_tracked", Ops.longs(new long[] {7}, 1));
    published.put("module.sub_block1.layer.0.bn1.weight", Ops.floats(new float[16], 16));
    Target target =
        Targets.of(Architectures.of("wrn-10-1"), published, Map.of(), "trades.pt", Compute.CPU);
    assertThat(Ops.toFloats(target.forward(images).logits()))
        .containsExactly(Ops.toFloats(net.freeze().forward(images).logits()));
  }

  @Test
  void turnsHalfPrecisionIntoFloats(@TempDir Path folder) {
    StateDict halves = new StateDict();
    Targets.trainable("cifar-adv-cnn-a", 10, Seed.of(1), Compute.CPU)
        .params()
        .dict()
        .entries()
        .forEach(e -> halves.put(e.getKey(), e.getValue().detach().to(torch.ScalarType.Half)));
    Path file = folder.resolve("half.safetensors");
    Safetensors.write(file, halves, Map.of());
    Target target = Targets.load("cifar-adv-cnn-a@" + file, Compute.CPU);
    assertThat(target.forward(images).logits().scalar_type().intern())
        .isEqualTo(torch.ScalarType.Float);
  }

  @Test
  void listsWhatDoesNotFit() {
    StateDict other =
        Targets.trainable("cifar-resnet20", 10, Seed.of(1), Compute.CPU).params().dict();
    assertThatThrownBy(
            () ->
                Targets.of(
                    Architectures.of("wrn-10-1"), other, Map.of(), "r20.safetensors", Compute.CPU))
        .isInstanceOf(StateDictMismatch.class)
        .hasMessageStartingWith("r20.safetensors does not fit: ")
        .hasMessageContaining("missing block1.layer.0.bn1.weight [16]")
        .hasMessageNotContaining("\n");
  }

  @Test
  void namesAMissingFile(@TempDir Path folder) {
    assertThatThrownBy(
            () -> Targets.load("wrn-10-1@" + folder.resolve("no.safetensors"), Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no.safetensors");
  }

  @Test
  void wantsAnArchitectureAndAFile() {
    assertThatThrownBy(() -> Targets.load("wrn-10-1", Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("ARCH@FILE");
  }

  @Test
  void refusesMetadataThatMakeNoSense() {
    StateDict weights = Targets.trainable("wrn-10-1", 10, Seed.of(1), Compute.CPU).params().dict();
    assertThatThrownBy(() -> wide(weights, Map.of(Targets.NORMALISATION, "mean 0 std 1")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("w.safetensors: normalisation 'mean 0 std 1'");
    assertThatThrownBy(() -> wide(weights, Map.of(Targets.IMAGE_SIZE, "big")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'big'");
  }

  @Test
  void refusesWeightsUnderAnotherNameThanTheirMetadatas(@TempDir Path folder) {
    Path file = folder.resolve("net.safetensors");
    Targets.trainable("resnet50-64", 10, Seed.of(1), Compute.CPU).save(file);
    assertThatThrownBy(() -> Targets.load("resnet50-cifar@" + file, Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s holds a resnet50-64, as its metadata say, no resnet50-cifar: --target resnet50-64@%s"
                .formatted(file, file));
    assertThat(Targets.load("resnet50-64@" + file, Compute.CPU).notes()).isEmpty();
  }

  @Test
  void tellsOfANameThatIsUnknownHere() {
    StateDict weights = Targets.trainable("wrn-10-1", 10, Seed.of(1), Compute.CPU).params().dict();
    assertThat(wide(weights, Map.of(Targets.ARCHITECTURE, "WideResNet")).notes())
        .containsExactly(
            "w.safetensors calls itself 'WideResNet' in its metadata, which is unknown here; it is read as wrn-10-1");
  }

  @Test
  void countsTheClassesOfADetectorByItsHead() {
    for (String name : List.of("ssd-compact-64", "ssd300-vgg16", "rfbnet300-vgg16")) {
      try (Scope scope = Scope.open()) {
        StateDict weights = Targets.trainable(name, 7, Seed.of(1), Compute.CPU).params().dict();
        Architecture architecture = Architectures.of(name);
        assertThat(Targets.of(architecture, weights, Map.of(), "w.pth", Compute.CPU).classes())
            .isEqualTo(7);
        assertThatThrownBy(
                () ->
                    Targets.of(
                        architecture,
                        weights,
                        Map.of(Targets.CLASSES, "20"),
                        "w.safetensors",
                        Compute.CPU))
            .isInstanceOf(InputException.class)
            .hasMessage(
                "w.safetensors: metadata 'classes' is '20', but its tensors are of 7 classes");
      }
    }
  }

  private static Target wide(StateDict weights, Map<String, String> metadata) {
    return Targets.of(
        Architectures.of("wrn-10-1"), weights, metadata, "w.safetensors", Compute.CPU);
  }
}
