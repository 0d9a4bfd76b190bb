package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.task.Outputs;
import io.realign.task.Priors;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Heads against torchvision's on the same weights; see resources/target/make_goldens.py. */
class HeadsGoldenTest {

  private static final float TOLERANCE = 1e-4f;

  private final JsonNode goldens = read();

  private static JsonNode read() {
    try (InputStream in = HeadsGoldenTest.class.getResourceAsStream("/target/heads.json")) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static float[] values(int count, double speed, double scale, double shift) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (shift + scale * Math.sin(speed * (i + 1)));
    }
    return values;
  }

  /**
   * The script's values; torchvision's dictionary holds counters of steps too, which take places.
   */
  private static void fill(StateDict dict) {
    List<String> names = dict.names().stream().sorted().toList();
    int index = 0;
    try (NoGradGuard guard = new NoGradGuard()) {
      for (String name : names) {
        boolean firstOfNorm =
            name.endsWith(".bias") && dict.has(name.replace(".bias", ".running_mean"));
        Tensor tensor = dict.get(name);
        int count = (int) tensor.numel();
        double speed = .37 + .011 * index;
        float[] made =
            name.endsWith("running_var")
                ? values(count, speed, .3, 1)
                : values(count, speed, 1 / Math.sqrt(Math.max(1, count / tensor.size(0))), 0);
        tensor.copy_(Ops.floats(made, Ops.shape(tensor)));
        index += firstOfNorm ? 2 : 1; // bias, num_batches_tracked, running_mean, …
      }
    }
  }

  private static float[] golden(JsonNode values) {
    float[] golden = new float[values.size()];
    for (int i = 0; i < golden.length; i++) {
      golden[i] = (float) values.get(i).asDouble();
    }
    return golden;
  }

  @Test
  void deepLabsHeadIsTorchvisions() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Params params = Params.create(Seed.of(1), Compute.CPU);
      params.training(false);
      AtrousPyramid pyramid =
          new AtrousPyramid(
              params.sub(0), 8, DeepLabV3.Head.CHANNELS, DeepLabV3.Kind.PAPER.rates, 0);
      DeepLabV3.Head head =
          new DeepLabV3.Head(pyramid, params, DeepLabV3.Head.CHANNELS, 5, AuxiliaryHead.DROPPED);
      fill(params.dict());
      Tensor map = Ops.floats(values(800, .13, 1, 0), 1, 8, 10, 10);
      assertThat(Ops.toFloats(head.logits(head.features(map))))
          .usingComparatorWithPrecision(TOLERANCE)
          .containsExactly(golden(goldens.get("deeplab")));
    }
  }

  @Test
  void theDetectorsHeadsAreTorchvisions() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Params params = Params.create(Seed.of(1), Compute.CPU);
      List<Priors.Level> levels =
          List.of(
              new Priors.Level(5, 60, 30, 60, List.of(2)),
              new Priors.Level(3, 100, 60, 111, List.of(2, 3)));
      DetectorHeads heads = DetectorHeads.torchvision(params, List.of(6, 10), levels, 3);
      fill(params.dict());
      List<Tensor> maps =
          List.of(
              Ops.floats(values(150, .21, 1, 0), 1, 6, 5, 5),
              Ops.floats(values(90, .17, 1, 0), 1, 10, 3, 3));
      Outputs outputs = heads.forward(maps, maps.getFirst());
      assertThat(Ops.toFloats(outputs.logits()))
          .usingComparatorWithPrecision(TOLERANCE)
          .containsExactly(golden(goldens.get("logits")));
      assertThat(Ops.toFloats(outputs.offsets().orElseThrow()))
          .usingComparatorWithPrecision(TOLERANCE)
          .containsExactly(golden(goldens.get("offsets")));
    }
  }

  @Test
  void theReceptiveFieldBlocksAreTheirAuthors() {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor map = Ops.floats(values(784, .19, 1, 0), 1, 16, 7, 7);
      Params plain = Params.create(Seed.of(1), Compute.CPU);
      plain.training(false);
      check(plain, ReceptiveFieldBlock.plain(plain, 16, 24, 2), map, "rfb");
      Params small = Params.create(Seed.of(1), Compute.CPU);
      small.training(false);
      check(small, ReceptiveFieldBlock.small(small, 16), map, "rfb_small");
    }
  }

  /** As it is in training and frozen, its norms folded. */
  private void check(Params params, ReceptiveFieldBlock block, Tensor map, String name) {
    fill(params.dict());
    for (boolean frozen : new boolean[] {false, true}) {
      if (frozen) {
        params.freeze();
      }
      assertThat(Ops.toFloats(block.forward(map)))
          .usingComparatorWithPrecision(TOLERANCE)
          .containsExactly(golden(goldens.get(name)));
    }
  }

  /** The counts of the nets that torchvision and RFBNet's authors ship. */
  @Test
  void netsHaveThePublishedNumberOfWeights() {
    assertThat(count("deeplabv3-resnet50-torchvision", 21)).isEqualTo(42_004_074);
    // ResNet-50 without its classifier 23,508,032; four bins 4·(2048·512 + 2·512); the head
    // 4096·512·9 + 2·512 + 512·21 + 21; the auxiliary one 1024·256·9 + 2·256 + 256·21 + 21
    assertThat(count("pspnet-resnet50", 21)).isEqualTo(48_957_802);
    assertThat(count("ssd300-vgg16-torchvision", 90)).isEqualTo(35_641_826);
    assertThat(count("rfbnet300-vgg16", 20)).isEqualTo(goldens.get("rfb_parameters").asLong());
  }

  private static long count(String architecture, int classes) {
    try (Scope scope = Scope.open()) {
      Params params = Params.blank(Compute.CPU);
      Net net = Architectures.of(architecture).body().build(params, classes);
      assertThat(net.task().metric()).containsPattern("mIoU|mAP");
      return params.count();
    }
  }
}
