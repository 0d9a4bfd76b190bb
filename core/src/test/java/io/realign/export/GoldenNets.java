package io.realign.export;

import io.realign.align.CompactGenerator;
import io.realign.align.GeneratorPurifier;
import io.realign.target.Architectures;
import io.realign.target.Synthetic;
import io.realign.target.Targets;
import io.realign.target.TrainableTarget;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Two nets with weights by formula, which {@code goldens.safetensors} holds the outputs of. */
final class GoldenNets {

  private static final int CLASSES = 7;

  private GoldenNets() {}

  /** A generator. */
  static ExportedNet generator() {
    return ExportedNet.of(purifier(), Optional.empty(), Map.of());
  }

  /** The same in front of a classifier. */
  static ExportedNet defended() {
    TrainableTarget net =
        Targets.trainable(Architectures.of("cifar-resnet8"), CLASSES, Seed.of(0), Compute.CPU);
    Synthetic.fill(net.params().dict());
    return ExportedNet.of(purifier(), Optional.of(net.freeze()), Map.of());
  }

  private static GeneratorPurifier purifier() {
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator generator =
        new CompactGenerator.Config(4, 1, 1, 1, .2, halves, halves).create(Seed.of(0), Compute.CPU);
    Synthetic.fill(generator.params().dict());
    return new GeneratorPurifier("golden", generator);
  }

  /** Writes what {@code make_goldens.py} reads. */
  static void write(Path folder) {
    Map.of("g", generator(), "both", defended())
        .forEach(
            (name, net) -> {
              net.write(
                  folder.resolve(name + ".pt"),
                  ExportFormat.TORCHSCRIPT,
                  Map.of(),
                  (done, total) -> {});
              net.write(
                  folder.resolve(name + ".onnx"), ExportFormat.ONNX, Map.of(), (done, total) -> {});
            });
  }
}
