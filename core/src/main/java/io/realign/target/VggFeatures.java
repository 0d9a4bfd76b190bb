package io.realign.target;

import io.realign.io.Weights;
import io.realign.nn.Conv2d;
import io.realign.nn.Layer;
import io.realign.nn.StateDict;
import io.realign.nn.StateDictMismatch;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The features of an ImageNet VGG net (Simonyan and Zisserman 2015) that a perceptual loss
 * compares, in five stages.
 *
 * <p>Weights are named as in torchvision ({@code features.0.weight}); the classifier's are ignored.
 * A file may end early: {@link #provided} tells which stages it still gives.
 */
public final class VggFeatures {

  /** The depth of the net, which decides where a stage ends. */
  public enum Depth {
    /** The paper's: a stage ends with the last ReLU before the pool. */
    VGG16(3),
    /** pix2pixHD's: a stage ends with the first ReLU after the pool. */
    VGG19(4);

    private final int deep;

    Depth(int deep) {
      this.deep = deep;
    }

    /**
     * The layers whose outputs are the stages 1 to 5: relu1_2, relu2_2, relu3_3, … or relu1_1, …
     */
    public List<String> stageNames() {
      return IntStream.rangeClosed(1, STAGES)
          .mapToObj(stage -> "relu" + stage + "_" + ending(stage))
          .toList();
    }

    private int convolutions(int block) {
      return block <= 2 ? 2 : deep;
    }

    private int ending(int block) {
      return switch (this) {
        case VGG16 -> convolutions(block);
        case VGG19 -> 1;
      };
    }
  }

  /** The number of stages of a complete net. */
  public static final int STAGES = 5;

  /**
   * How much larger the features of a net for RGB in 0..255 are than those of torchvision's for
   * inputs of unit deviation (255 × .224). Such a net's features are divided by it.
   */
  public static final double FEATURE_SCALE_255 = 57;

  private static final double[] MEAN_255 = {123.68, 116.779, 103.939};
  private static final int[] CHANNELS = {64, 128, 256, 512, 512};

  private final Depth depth;
  private final Layer normalise;
  private final List<Step> steps;
  private final Set<Integer> provided;

  /** A convolution with ReLU; {@code pool}s first; its output is stage {@code stage} unless 0. */
  private record Step(Conv2d conv, boolean pool, int stage) {}

  private VggFeatures(Depth depth, Layer normalise, List<Step> steps) {
    this.depth = depth;
    this.normalise = normalise;
    this.steps = List.copyOf(steps);
    this.provided = new TreeSet<>();
    steps.stream().map(Step::stage).filter(stage -> stage > 0).forEach(provided::add);
  }

  /**
   * The features of a file's weights, in safetensors or as a PyTorch state dictionary; see {@link
   * #of}.
   *
   * @throws io.realign.io.InputException if there is no such file or it is not sound
   */
  public static VggFeatures load(Path file, Compute compute) {
    return of(Weights.read(file), Weights.metadata(file), file.toString(), compute);
  }

  /**
   * The features of {@code weights}: VGG-16 if the shape of the names says so ({@code
   * features.17}), else VGG-19. Files whose metadata {@code input} names the range 0..255 get such
   * input and their features are divided by {@link #FEATURE_SCALE_255}; others get ImageNet's mean
   * and deviation.
   *
   * @param origin what the weights are, for errors: a file name
   * @throws StateDictMismatch if not even the first stage is there, or a shape is wrong
   */
  public static VggFeatures of(
      StateDict weights, Map<String, String> metadata, String origin, Compute compute) {
    Depth depth = weights.has("features.17.weight") ? Depth.VGG16 : Depth.VGG19;
    boolean bytes = metadata.getOrDefault("input", "").contains("0..255");
    double divisor = bytes ? FEATURE_SCALE_255 : 1;
    List<Step> steps = steps(depth, weights, origin, divisor, compute);
    if (steps.isEmpty()) {
      throw new StateDictMismatch(origin, List.of("missing features.0.weight [64, 3, 3, 3]"));
    }
    Normalisation normalisation = bytes ? bytes() : Normalisation.IMAGENET;
    return new VggFeatures(depth, normalisation.layer(compute), steps);
  }

  /** The depth of the net. */
  public Depth depth() {
    return depth;
  }

  /** The stages, of 1 to 5, that the weights reach. */
  public Set<Integer> provided() {
    return Set.copyOf(provided);
  }

  /**
   * The outputs of {@code stages}, in ascending order, differentiable by {@code images}. Nothing
   * beyond the last of them is computed.
   *
   * @param images {@code [N,3,H,W]} in [0,1]
   * @param stages any of {@link #provided}
   * @return for stage s {@code [N,C,H/2^(s−1),W/2^(s−1)]} with C = 64, 128, 256, 512, 512
   */
  public List<Tensor> stages(Tensor images, Set<Integer> stages) {
    if (!provided.containsAll(stages)) {
      throw new IllegalArgumentException(
          "stages %s are asked for, these weights give %s"
              .formatted(new TreeSet<>(stages), provided));
    }
    List<Tensor> outputs = new ArrayList<>();
    Tensor y = Ops.channelsLast(normalise.forward(images));
    for (Step step : steps) {
      if (outputs.size() == stages.size()) {
        break;
      }
      y = Ops.reluInPlace(step.conv().forward(step.pool() ? Ops.maxPool2d(y, 2) : y));
      if (stages.contains(step.stage())) {
        outputs.add(y);
      }
    }
    return outputs;
  }

  /** The convolutions up to the last stage that {@code weights} reach. */
  private static List<Step> steps(
      Depth depth, StateDict weights, String origin, double divisor, Compute compute) {
    List<Step> steps = new ArrayList<>();
    int complete = 0;
    int index = 0; // of the layer in torchvision's list: convolution, ReLU, pool
    int in = 3;
    for (int block = 1; block <= STAGES; block++) {
      int out = CHANNELS[block - 1];
      for (int i = 1; i <= depth.convolutions(block); i++) {
        String name = "features." + index;
        if (!weights.has(name + ".weight") || !weights.has(name + ".bias")) {
          return steps.subList(0, complete);
        }
        boolean last = i == depth.ending(block);
        Conv2d conv = conv(weights, name, in, out, origin, divisor, compute);
        steps.add(new Step(conv, i == 1 && block > 1, last ? block : 0));
        complete = last ? steps.size() : complete;
        in = out;
        index += 2;
      }
      index++;
    }
    return steps.subList(0, complete);
  }

  private static Conv2d conv(
      StateDict weights,
      String name,
      int in,
      int out,
      String origin,
      double divisor,
      Compute compute) {
    check(weights, name + ".weight", origin, out, in, 3, 3);
    check(weights, name + ".bias", origin, out);
    // ReLU and pooling commute with a positive factor, so that dividing the input and every bias
    // divides every feature.
    return new Conv2d(
        own(weights.get(name + ".weight"), 1, compute),
        own(weights.get(name + ".bias"), 1 / divisor, compute),
        1,
        1,
        1);
  }

  private static Tensor own(Tensor weight, double factor, Compute compute) {
    return Scope.result(
        () -> {
          try (NoGradGuard guard = new NoGradGuard()) {
            Tensor floats = weight.to(torch.ScalarType.Float);
            return compute.place(Ops.scale(floats, factor));
          }
        });
  }

  private static void check(StateDict weights, String name, String origin, long... expected) {
    long[] shape = Ops.shape(weights.get(name));
    if (!Arrays.equals(shape, expected)) {
      throw new StateDictMismatch(
          origin,
          List.of(
              "%s is %s instead of %s"
                  .formatted(name, Arrays.toString(shape), Arrays.toString(expected))));
    }
  }

  /** {@code (255x − mean)/57}. */
  private static Normalisation bytes() {
    double deviation = FEATURE_SCALE_255 / 255;
    return Normalisation.of(
        Arrays.stream(MEAN_255).map(mean -> mean / 255).toArray(),
        new double[] {deviation, deviation, deviation});
  }
}
