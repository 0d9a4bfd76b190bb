package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published nets score what their data sheet says, and give the logits PyTorch gives. */
@Tag("real")
class GivenTargetsTest {

  @ParameterizedTest
  @CsvSource({
    "cifar-resnet20, cifar10_resnet20, 915",
    "cifar-resnet56, cifar10_resnet56, 926",
    "cifar-adv-resnet2b, cifar10_adv_resnet2b, 703",
    "cifar-adv-cnn-a, cifar10_adv_cnn_a_adv, 682",
  })
  void scoreAsPublishedOnTheThousandTestImages(String name, String file, int right)
      throws IOException {
    byte[] test = RealData.cifarTest();
    Target target = load(name, file);
    int correct = 0;
    for (int start = 0; start < 1000; start += 100) {
      try (Scope scope = Scope.open()) {
        long[] said = predict(target, RealData.cifarImages(test, start, 100));
        correct += agreements(said, RealData.cifarLabels(test, start, 100));
      }
    }
    assertThat(correct).isEqualTo(right);
  }

  /** Logits of class 0, 1, 2 and 9 of the second synthetic image, by PyTorch 1.13. */
  @ParameterizedTest
  @CsvSource({
    "cifar-resnet20, cifar10_resnet20, 6.279534817, 23.665435791, -8.617025375, 15.498061180",
    "cifar-resnet56, cifar10_resnet56, 9.054616928, 9.609170914, -7.995476246, 6.747037888",
    "cifar-adv-resnet2b, cifar10_adv_resnet2b, 3.346097946, 1.304630518, .703220308, -.690804839",
    "cifar-adv-cnn-a, cifar10_adv_cnn_a_adv, -1.77823031, -7.911405563, -3.85205102, -8.327561378",
  })
  void agreeWithPyTorch(
      String name, String file, float class0, float class1, float class2, float class9) {
    Tensor logits = load(name, file).forward(Synthetic.images(2, 32)).logits();
    float[] values = Ops.toFloats(logits.get(1));
    assertThat(new float[] {values[0], values[1], values[2], values[9]})
        .containsExactly(new float[] {class0, class1, class2, class9}, within(1e-4f));
  }

  /** The first six logits by an interpreter of the published graph, in PyTorch 1.13. */
  @ParameterizedTest
  @CsvSource({
    "224, .225053728, -.346827388, 2.438743114, -.685497284, -1.334267855, -.546022355",
    "65, .964197755, .203536391, -.161572635, 1.540768981, -3.404444695, -2.012046337",
  })
  void theMobileNetFollowsItsGraph(
      int size, float l0, float l1, float l2, float l3, float l4, float l5) {
    Target net = load("mobilenet-v2", "mobilenet_v2_imagenet_deq");
    float[] logits = Ops.toFloats(net.forward(Synthetic.images(1, size)).logits());
    assertThat(logits).hasSize(1001);
    assertThat(Arrays.copyOf(logits, 6))
        .containsExactly(new float[] {l0, l1, l2, l3, l4, l5}, within(1e-4f));
  }

  /** On every fifth image; the 981 absent classes take three quarters of the blurred images. */
  @Test
  void theMobileNetKnowsEnlargedSmallImages() throws IOException {
    Target net = load("mobilenet-v2", "mobilenet_v2_imagenet_deq");
    Map<String, Long> classes = tinyClasses();
    Tensor columns =
        Ops.longs(classes.values().stream().mapToLong(c -> c).toArray(), classes.size());
    Path val = RealData.folder().resolve("tiny-imagenet-200").resolve("val");
    List<String> lines = Files.readAllLines(val.resolve("val_annotations.txt"));
    int amongAll = 0;
    int amongTwenty = 0;
    for (int i = 0; i < lines.size(); i += 5) {
      try (Scope scope = Scope.open();
          NoGradGuard guard = new NoGradGuard()) {
        String[] entry = lines.get(i).split("\t", -1);
        Tensor image = RealData.image(val.resolve("images").resolve(entry[0]));
        Tensor large = torch.upsample_bilinear2d(image, new long[] {224, 224}, false);
        Tensor logits = net.forward(large).logits().get(0);
        long label = classes.getOrDefault(entry[1], -1L);
        long best = logits.argmax().item_long();
        long bestOfTwenty =
            columns.get(logits.index_select(0, columns).argmax().item_long()).item_long();
        amongAll += best == label ? 1 : 0;
        amongTwenty += bestOfTwenty == label ? 1 : 0;
      }
    }
    assertThat(amongAll).isBetween(36, 38);
    assertThat(amongTwenty).isBetween(154, 158);
  }

  /** Values of channel 3, row 1, columns 1 to 3, by PyTorch 1.13. */
  @Test
  void theVggGivesThreeStages() {
    Path file = RealData.weights("vgg19_conv1_1-conv3_4.safetensors");
    VggFeatures vgg = VggFeatures.load(file, Compute.CPU);
    assertThat(vgg.depth()).isEqualTo(VggFeatures.Depth.VGG19);
    assertThat(vgg.provided()).containsExactlyInAnyOrder(1, 2, 3);
    List<Tensor> stages = vgg.stages(Synthetic.images(1, 32), Set.of(1, 2, 3));
    assertThat(row(stages.get(0))).containsExactly(new float[] {.174453f, 0, 0}, within(1e-4f));
    assertThat(row(stages.get(1)))
        .containsExactly(new float[] {61.6159f, 64.8612f, 41.7893f}, within(1e-3f));
    assertThat(row(stages.get(2)))
        .containsExactly(new float[] {19.5806f, 11.9094f, 7.7457f}, within(1e-3f));
  }

  private static float[] row(Tensor stage) {
    return Arrays.copyOfRange(Ops.toFloats(stage.get(0).get(3).get(1)), 1, 4);
  }

  private static Target load(String name, String file) {
    return Targets.load(name + "@" + RealData.weights(file + ".safetensors"), Compute.CPU);
  }

  private static long[] predict(Target target, Tensor images) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return Ops.toLongs(target.forward(images).logits().argmax(new LongOptional(1), false));
    }
  }

  private static int agreements(long[] said, long[] labels) {
    int agreements = 0;
    for (int i = 0; i < labels.length; i++) {
      agreements += said[i] == labels[i] ? 1 : 0;
    }
    return agreements;
  }

  /** Tiny-ImageNet's names of classes to the places of the same words among the 1,001 labels. */
  private static Map<String, Long> tinyClasses() throws IOException {
    List<String> labels = Files.readAllLines(RealData.weights("imagenet_labels_1001.txt"));
    Map<String, Long> classes = new HashMap<>();
    try (Stream<String> words =
        Files.lines(RealData.folder().resolve("tiny-imagenet-200").resolve("words.txt"))) {
      words
          .map(line -> line.split("\t", -1))
          .forEach(entry -> classes.put(entry[0], (long) labels.indexOf(entry[1])));
    }
    return classes;
  }
}
