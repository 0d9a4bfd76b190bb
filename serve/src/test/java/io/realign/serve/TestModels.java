package io.realign.serve;

import io.realign.align.CompactGenerator;
import io.realign.align.GeneratorPurifier;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Small nets of random weights for each task, and a generator that changes images visibly. */
final class TestModels {

  private TestModels() {}

  static ServedModel classifier() {
    return model("classifier", "cifar-resnet8", 10);
  }

  static ServedModel segmenter() {
    return model("segmenter", "deeplabv3-compact", 4);
  }

  static ServedModel detector() {
    return model("detector", "ssd-compact-64", 2);
  }

  static ServedModel targetAlone() {
    return new ServedModel(
        "target-alone",
        Optional.of(target("cifar-resnet8", 10)),
        Optional.empty(),
        List.of(),
        List.of(),
        Compute.CPU);
  }

  static ServedModel defenseAlone() {
    return new ServedModel(
        "defense-alone",
        Optional.empty(),
        Optional.of(defense()),
        List.of(),
        List.of(),
        Compute.CPU);
  }

  private static ServedModel model(String name, String architecture, int classes) {
    return new ServedModel(
        name,
        Optional.of(target(architecture, classes)),
        Optional.of(defense()),
        List.of(),
        List.of(),
        Compute.CPU);
  }

  private static Target target(String architecture, int classes) {
    return Targets.trainable(architecture, classes, Seed.of(5), Compute.CPU).freeze();
  }

  static GeneratorPurifier defense() {
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator.Config config = new CompactGenerator.Config(4, 1, 0, 0, .5, halves, halves);
    return new GeneratorPurifier("defense", config.create(Seed.of(3), Compute.CPU));
  }

  static Pixels noise(int height, int width, int seed) {
    byte[] rgb = new byte[3 * height * width];
    new Random(seed).nextBytes(rgb);
    return new Pixels(height, width, rgb);
  }
}
