package io.realign.export;

import io.realign.align.CompactGenerator;
import io.realign.align.GeneratorPurifier;
import io.realign.target.Synthetic;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.target.TrainableTarget;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import io.realign.torch.Shapes;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** Nets with weights by formula, which {@code goldens.safetensors} holds the outputs of. */
enum GoldenNets {
  /** A generator. */
  G(""),
  /** The same in front of a classifier. */
  CLASSES("cifar-resnet8"),
  /** In front of a segmentation net. */
  MASKS("deeplabv3-compact"),
  /** In front of a detector, which takes images of one size. */
  BOXES("ssd-compact-64");

  private static final int COUNT = 4; // of classes
  private static final int EVERY = 13; // of the priors, one is kept

  private final String target;

  GoldenNets(String target) {
    this.target = target;
  }

  /** As in the names of files and tensors. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  ExportedNet net() {
    return ExportedNet.of(
        purifier(),
        Optional.of(target).filter(name -> !name.isEmpty()).map(GoldenNets::target),
        Map.of());
  }

  private static Target target(String name) {
    TrainableTarget net = Targets.trainable(name, COUNT, Seed.of(0), Compute.CPU);
    Synthetic.fill(net.params().dict());
    return net.freeze();
  }

  private static GeneratorPurifier purifier() {
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator generator =
        new CompactGenerator.Config(4, 1, 1, 1, .2, halves, halves).create(Seed.of(0), Compute.CPU);
    Synthetic.fill(generator.params().dict());
    return new GeneratorPurifier("golden", generator);
  }

  /** The golden images at a size that the net takes: the nearest pixel. */
  Tensor images(Tensor golden) {
    return this == BOXES
        ? Shapes.select(
            Shapes.select(golden, 2, nearest(golden.size(2))), 3, nearest(golden.size(3)))
        : golden;
  }

  private static long[] nearest(long size) {
    return LongStream.range(0, 64).map(i -> i * size / 64).toArray();
  }

  /** What is kept of the outputs. */
  Tensor kept(SequencedMap<String, Tensor> outputs) {
    if (this != BOXES) {
      return outputs.firstEntry().getValue();
    }
    Tensor logits = Objects.requireNonNull(outputs.get(ExportedNet.LOGITS)); // [N,M,1+K]
    Tensor offsets = Objects.requireNonNull(outputs.get(ExportedNet.OFFSETS)); // [N,M,4]
    long[] some = LongStream.iterate(0, i -> i < logits.size(1), i -> i + EVERY).toArray();
    return Shapes.select(Shapes.concatenate(List.of(logits, offsets), 2), 1, some);
  }

  /** Writes what {@code make_goldens.py} reads. */
  static void write(Path folder) {
    for (GoldenNets golden : values()) {
      ExportedNet net = golden.net();
      Path file = folder.resolve(golden.text());
      net.write(Path.of(file + ".pt"), ExportFormat.TORCHSCRIPT, Map.of(), (done, total) -> {});
      net.write(Path.of(file + ".onnx"), ExportFormat.ONNX, Map.of(), (done, total) -> {});
    }
  }
}
