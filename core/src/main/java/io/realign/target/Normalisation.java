package io.realign.target;

import io.realign.nn.Layer;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * What a net does to images in [0,1] before its first layer: {@code (x − mean)/deviation} by
 * channel.
 *
 * @param mean one value for each of red, green, blue
 * @param deviation one positive value for each
 */
public record Normalisation(List<Double> mean, List<Double> deviation) {

  /** The images as they are. */
  public static final Normalisation NONE = of(new double[] {0, 0, 0}, new double[] {1, 1, 1});

  /** ImageNet's statistics, which torchvision's nets want. */
  public static final Normalisation IMAGENET =
      of(new double[] {0.485, 0.456, 0.406}, new double[] {0.229, 0.224, 0.225});

  /** CIFAR-10's statistics. */
  public static final Normalisation CIFAR10 =
      of(new double[] {0.4914, 0.4822, 0.4465}, new double[] {0.2471, 0.2435, 0.2616});

  /** To [−1,1], as TensorFlow's nets want: {@code 255x/127.5 − 1}. */
  public static final Normalisation SYMMETRIC =
      of(new double[] {0.5, 0.5, 0.5}, new double[] {0.5, 0.5, 0.5});

  private static final Pattern TEXT = Pattern.compile("mean (\\S+,\\S+,\\S+) std (\\S+,\\S+,\\S+)");

  /** Checks the values. */
  public Normalisation {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.size() != 3 || deviation.size() != 3) {
      throw new IllegalArgumentException("a normalisation has three means and three deviations");
    }
    if (!mean.stream().allMatch(Double::isFinite)
        || !deviation.stream().allMatch(d -> Double.isFinite(d) && d > 0)) {
      throw new IllegalArgumentException(
          "normalisation needs finite means and positive deviations, not %s and %s"
              .formatted(mean, deviation));
    }
  }

  /** From three means and three deviations. */
  public static Normalisation of(double[] mean, double[] deviation) {
    return new Normalisation(
        Arrays.stream(mean).boxed().toList(), Arrays.stream(deviation).boxed().toList());
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException for other text
   */
  public static Normalisation parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    try {
      if (matcher.matches()) {
        return new Normalisation(numbers(matcher.group(1)), numbers(matcher.group(2)));
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for all malformed text
    }
    throw new IllegalArgumentException(
        "normalisation '" + text + "' is not of the form 'mean R,G,B std R,G,B'");
  }

  /** {@code mean R,G,B std R,G,B}: how a weight file names it. */
  public String text() {
    return "mean " + join(mean) + " std " + join(deviation);
  }

  /** The layer {@code [N,3,H,W] → [N,3,H,W]}; nothing to do for {@link #NONE}. */
  public Layer layer(Compute compute) {
    if (equals(NONE)) {
      return x -> x;
    }
    float[] scale = new float[3];
    float[] shift = new float[3];
    IntStream.range(0, 3)
        .forEach(
            c -> {
              scale[c] = (float) (1 / deviation.get(c));
              shift[c] = (float) (-mean.get(c) / deviation.get(c));
            });
    Tensor scales = compute.place(Ops.floats(scale, 1, 3, 1, 1));
    Tensor shifts = compute.place(Ops.floats(shift, 1, 3, 1, 1));
    return x -> Ops.addInPlace(Ops.multiply(x, scales), shifts);
  }

  private static List<Double> numbers(String text) {
    return Arrays.stream(text.split(",", -1)).map(Double::valueOf).toList();
  }

  private static String join(List<Double> values) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
