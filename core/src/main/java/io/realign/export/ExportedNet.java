package io.realign.export;

import io.realign.align.DefenseFile;
import io.realign.align.DefenseOrigin;
import io.realign.align.GeneratorPurifier;
import io.realign.io.AtomicFile;
import io.realign.io.Build;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.io.Yaml;
import io.realign.nn.StateDict;
import io.realign.target.Target;
import io.realign.task.Detection;
import io.realign.task.Outputs;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Program;
import io.realign.torch.Recording;
import io.realign.torch.Scope;
import io.realign.torch.Script;
import io.realign.torch.ScriptFailure;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A trained generator, alone or in front of a target, to be written for another runtime.
 *
 * <p>It is recorded while it repairs one image (see {@link Recording}); both writers take that
 * {@link Program}. What they write takes a batch of any size, and images of any height and width
 * where the net does.
 *
 * <pre>{@code
 * ExportedNet net = ExportedNet.read(Path.of("defense.safetensors"), Optional.empty());
 * net.write(Path.of("defense.onnx"), ExportFormat.ONNX, Map.of(), (done, total) -> {});
 * }</pre>
 */
public final class ExportedNet {

  /** The output of G alone: x̂. */
  public static final String REPAIRED = "repaired";

  /** The output of a target: see {@link Outputs#logits}. */
  public static final String LOGITS = "logits";

  /** The second output of a detector: see {@link Outputs#offsets}. */
  public static final String OFFSETS = "offsets";

  /** The third output of a detector, the same for all images: {@code [P,4]} centres and sizes. */
  public static final String PRIORS = "priors";

  /** The key of the metadata for records of an evaluation. */
  public static final String RESULTS = "results";

  private static final int SIDE = 64; // of images for G alone, which takes any
  private static final int PROBED = 2; // images a size

  private final GeneratorPurifier purifier;
  private final @Nullable Target target;
  private final SequencedMap<String, String> metadata;
  private final int side;
  private final boolean anySize;

  private ExportedNet(
      GeneratorPurifier purifier, @Nullable Target target, Map<String, String> origin) {
    this.purifier = purifier;
    this.target = target;
    this.side = target == null ? SIDE : target.imageSize();
    this.anySize = target == null || target.anySize();
    this.metadata = new LinkedHashMap<>(origin);
  }

  /**
   * A file of 'train defense'.
   *
   * @param target O, if G is to be written in front of one
   * @throws InputException if the file is missing, broken or no defense
   */
  public static ExportedNet read(Path defense, Optional<Target> target) {
    return of(DefenseFile.read(defense, Compute.CPU), target, Safetensors.readMetadata(defense));
  }

  /**
   * A generator in memory, on the CPU.
   *
   * @param target if G is to be written in front of it: a net of ours or a TorchScript program
   * @param origin what the file is to say about its making
   */
  public static ExportedNet of(
      GeneratorPurifier purifier, Optional<Target> target, Map<String, String> origin) {
    return new ExportedNet(purifier, target.orElse(null), origin);
  }

  /**
   * What is known of a written file.
   *
   * @param parity of the file itself as libtorch reads it, for TorchScript; for ONNX of the same
   *     {@link Program} as TorchScript, since there is nothing here that runs the graph; none for
   *     weights, which are written as they are
   */
  public record Written(Signature signature, Optional<Parity> parity) {}

  /** Is told that {@code done} of {@code total} forward passes are done. */
  @FunctionalInterface
  public interface Checks {
    /** Called on the thread that writes. */
    void advanced(int done, int total);
  }

  /**
   * Writes the net in one step, if its outputs are ours (see {@link Parity}) as far as {@link
   * Written} says that it was run.
   *
   * @param more metadata
   * @param listener is told how far the comparison is, which takes the longest
   * @throws InputException for the weights of G in front of a target, for ONNX of a TorchScript
   *     program, and for a program that cannot be written so that its outputs are ours
   * @throws IllegalStateException if a net of ours cannot be
   * @throws java.io.UncheckedIOException if the disk is full or fails; a previous file is kept
   */
  public Written write(Path file, ExportFormat format, Map<String, String> more, Checks listener) {
    if (format == ExportFormat.SAFETENSORS && target != null) {
      throw new InputException(
          "safetensors files hold the weights of the defense alone: with a target it is torchscript or onnx");
    }
    Optional<Script> script = Optional.ofNullable(target).flatMap(Target::script);
    if (format == ExportFormat.ONNX && script.isPresent()) {
      throw new InputException(
          "%s is TorchScript, which no ONNX file can hold: export the defense alone as onnx, without the target, or both as torchscript"
              .formatted(script.get()));
    }
    try (Scope scope = Scope.open()) {
      Recorded recorded = record();
      Program program = recorded.program();
      Signature signature = recorded.signature();
      ConstantNames names = new ConstantNames(program, weights());
      Map<String, String> told = told(signature, format, more);
      Optional<Parity> parity =
          switch (format) {
            case SAFETENSORS -> {
              Safetensors.write(file, weights(), told);
              yield Optional.empty();
            }
            case TORCHSCRIPT ->
                Optional.of(
                    TorchScriptModule.of(program, names)
                        .write(file, told, read -> compare(read, listener)));
            case ONNX -> {
              Parity found = compare(TorchScriptModule.of(program, names), listener);
              AtomicFile.write(file, OnnxModel.of(program, names, signature, told)::writeTo);
              yield Optional.of(found);
            }
          };
      return new Written(signature, parity);
    } catch (ScriptFailure | IllegalStateException e) {
      if (script.isPresent()) {
        throw new InputException(
            "%s cannot be put behind the defense: %s".formatted(script.get(), e.getMessage()), e);
      }
      throw e;
    }
  }

  /** The outputs by name, in the order of the file's. */
  public SequencedMap<String, Tensor> forward(Tensor images) {
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    Tensor repaired = purifier.purify(images);
    if (target == null) {
      outputs.put(REPAIRED, repaired);
      return outputs;
    }
    Outputs said = target.forward(repaired);
    outputs.put(LOGITS, said.logits());
    said.offsets().ifPresent(offsets -> outputs.put(OFFSETS, offsets));
    if (target.task() instanceof Detection detection) {
      float[] boxes = detection.priors().boxes();
      outputs.put(PRIORS, Ops.floats(boxes, boxes.length / 4, 4));
    }
    return outputs;
  }

  private record Recorded(Program program, Signature signature) {}

  /** Of images of any size, a small one shows as much as a large one. */
  private Recorded record() {
    boolean shrinks = anySize && (target == null || target.script().isEmpty());
    int small = shrinks ? Math.min(side, SIDE) : side; // a foreign program may have a least size
    try (Recording recording = Recording.open(image(1, small, small))) {
      SequencedMap<String, Tensor> outputs = forward(recording.input());
      SequencedMap<String, long[]> shapes = new LinkedHashMap<>();
      outputs.forEach((name, tensor) -> shapes.put(name, Ops.shape(tensor)));
      return new Recorded(recording.program(outputs), Signature.of(side, anySize, small, shapes));
    }
  }

  private StateDict weights() {
    return purifier.generator().params().dict();
  }

  /**
   * The module against ours, on images that were not recorded and, where any do, another size.
   *
   * @throws IllegalStateException if they differ
   */
  private Parity compare(TorchScriptModule module, Checks listener) {
    List<Tensor> probes = new ArrayList<>(List.of(image(PROBED, side, side)));
    if (anySize) {
      probes.add(image(PROBED, side + 5, side + 2));
    }
    double largest = 0;
    int done = 0;
    try (NoGradGuard guard = new NoGradGuard()) {
      for (Tensor probe : probes) {
        try (Scope scope = Scope.open()) {
          List<Tensor> ours = List.copyOf(forward(probe).values());
          listener.advanced(++done, 2 * probes.size());
          List<Tensor> theirs = module.forward(probe);
          listener.advanced(++done, 2 * probes.size());
          for (int i = 0; i < ours.size(); i++) {
            largest = Math.max(largest, Parity.difference(ours.get(i), theirs.get(i)));
          }
        }
      }
    }
    Parity parity = new Parity(largest, PROBED * probes.size());
    if (!parity.holds()) {
      throw new IllegalStateException(
          "the exported net differs from ours by %.1e: %s"
              .formatted(
                  largest,
                  target == null || target.script().isEmpty()
                      ? "please report this"
                      : "'inspect' tells whether it gives the same outputs twice"));
    }
    return parity;
  }

  private static Tensor image(int count, int height, int width) {
    return Seed.of(height).child("export").uniform(0, 1, count, 3, height, width);
  }

  private SequencedMap<String, String> told(
      Signature signature, ExportFormat format, Map<String, String> more) {
    SequencedMap<String, String> told = new LinkedHashMap<>(metadata);
    told.remove(RESULTS); // an exported file may be exported again, before another target
    if (format != ExportFormat.SAFETENSORS) {
      told.put("format", "realign-export-1");
    }
    told.put("exported_by", Build.current().text());
    told.put("input", signature.imagesText());
    told.put("input_layout", "NCHW, RGB, float32");
    told.put("input_range", "[0,1]");
    told.put("outputs", signature.outputsText());
    if (target == null) {
      told.put("input_size", "any");
    } else {
      told.put("input_size", (anySize ? "any, made for " : "") + side + "x" + side);
      told.put("architecture", target.name());
      told.put("task", target.task().name());
      told.put("classes", Integer.toString(target.classes()));
      told.remove(DefenseOrigin.CLASS_NAMES); // of the net in training, which may be another
      if (!target.classNames().isEmpty()) {
        told.put(DefenseOrigin.CLASS_NAMES, Yaml.writeJson(target.classNames()));
      }
      target
          .script()
          .map(Script::file)
          .ifPresent(
              program -> {
                told.put("program", String.valueOf(program.getFileName()));
                told.put("program_sha256", Checksum.sha256(program));
              });
      if (target.task() instanceof Detection detection) {
        told.put(
            "detection",
            "priors [cx,cy,w,h] of the image; box = (cx + %s·dx·w, cy + %s·dy·h, w·exp(%s·dw), h·exp(%s·dh)); scores: %s, class 0 is background"
                .formatted(
                    detection.coding().centre(),
                    detection.coding().centre(),
                    detection.coding().size(),
                    detection.coding().size(),
                    detection.scores().name().toLowerCase(Locale.ROOT)));
      }
    }
    if (format == ExportFormat.ONNX) {
      told.put("opset", Integer.toString(OnnxModel.OPSET));
    }
    told.putAll(more);
    return told;
  }
}
