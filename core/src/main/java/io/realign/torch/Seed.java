package io.realign.torch;

import java.util.SplittableRandom;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LayoutOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A point in a tree of random streams: every draw is a function of the experiment's seed, the
 * purpose of the draw and its index, never of what was drawn before.
 *
 * <p>So there is no generator state to save: step 700 of a resumed run draws what step 700 of an
 * undisturbed one draws.
 *
 * <pre>{@code
 * Seed seed = Seed.of(1);
 * Tensor start = seed.child("attack").child(step).uniform(-1, 1, shape);
 * }</pre>
 */
public record Seed(long value) {

  /** The root of an experiment's streams. */
  public static Seed of(long value) {
    return new Seed(value);
  }

  /** The stream of the draws for {@code purpose}. */
  public Seed child(String purpose) {
    long hash = 0xcbf29ce484222325L; // FNV-1a
    for (int i = 0; i < purpose.length(); i++) {
      hash = (hash ^ purpose.charAt(i)) * 0x100000001b3L;
    }
    return new Seed(mix(value ^ mix(hash)));
  }

  /** The stream of the draws for item {@code index}: a step, an epoch, an image. */
  public Seed child(long index) {
    return new Seed(mix(value + 0x9e3779b97f4a7c15L * (index + 1)));
  }

  /** A Java generator that starts here. */
  public SplittableRandom random() {
    return new SplittableRandom(value);
  }

  /** A libtorch generator on the CPU that starts here. */
  public Generator generator() {
    return torch.createCPUGenerator(value);
  }

  /**
   * Uniform draws.
   *
   * @return fp32 tensor of {@code shape} in [low, high), on the CPU
   */
  public Tensor uniform(double low, double high, long... shape) {
    try (Scope scope = Scope.open()) {
      Tensor unit =
          torch.rand(
              shape,
              new GeneratorOptional(generator()),
              float32(),
              new LayoutOptional(),
              new DeviceOptional(),
              new BoolOptional());
      return scope.keep(Ops.affine(unit, high - low, low));
    }
  }

  /**
   * Normal draws.
   *
   * @return fp32 tensor of {@code shape} with mean 0 and the given standard deviation, on the CPU
   */
  public Tensor normal(double deviation, long... shape) {
    try (Scope scope = Scope.open()) {
      Tensor unit =
          torch.randn(
              shape,
              new GeneratorOptional(generator()),
              float32(),
              new LayoutOptional(),
              new DeviceOptional(),
              new BoolOptional());
      return scope.keep(Ops.scale(unit, deviation));
    }
  }

  private static ScalarTypeOptional float32() {
    return new ScalarTypeOptional(torch.ScalarType.Float);
  }

  private static long mix(long z) { // the finaliser of SplitMix64
    long y = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    y = (y ^ (y >>> 27)) * 0x94d049bb133111ebL;
    return y ^ (y >>> 31);
  }
}
