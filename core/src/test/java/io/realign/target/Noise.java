package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Weights and images of resources/target/noise.py, and what other code makes of them. */
final class Noise {

  private Noise() {}

  /** What a script there printed. */
  static JsonNode goldens(String file) {
    try (InputStream in = Noise.class.getResourceAsStream("/target/" + file)) {
      return new ObjectMapper().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The script's hash of index and seed, in [-1,1). */
  private static double noise(long index, long seed) {
    long h = (index * 2654435761L + seed * 40503) & 0xffffffffL;
    for (int i = 0; i < 2; i++) {
      h = ((h ^ (h >> 16)) * 0x45d9f3b) & 0xffffffffL;
    }
    return (h ^ (h >> 16)) / (double) (1L << 31) - 1;
  }

  static StateDict weights(String architecture, int classes) {
    Params params = Params.blank(Compute.CPU);
    Architectures.of(architecture).body().build(params, classes);
    StateDict dict = params.dict();
    int t = 0;
    for (String name : dict.names().stream().sorted().toList()) {
      long[] shape = Ops.shape(dict.get(name));
      float[] values = new float[(int) dict.get(name).numel()];
      double size = Math.sqrt(6.0 * shape[0] / values.length);
      for (int j = 0; j < values.length; j++) {
        double n = noise(j, t);
        values[j] =
            (float)
                (name.endsWith("running_var")
                    ? 1 + .5 * n
                    : shape.length > 1 ? n * size : name.endsWith("weight") ? 1 + .3 * n : .1 * n);
      }
      try (Scope scope = Scope.open();
          NoGradGuard guard = new NoGradGuard()) {
        dict.get(name).copy_(Ops.floats(values, shape));
      }
      t++;
    }
    return dict;
  }

  static Target target(String architecture, StateDict weights) {
    return Targets.of(Architectures.of(architecture), weights, Map.of(), "noise", Compute.CPU);
  }

  /** {@code [1,3,height,width]} of squares of eight pixels. */
  static Tensor image(int height, int width) {
    int rows = Math.ceilDiv(height, 8);
    int columns = Math.ceilDiv(width, 8);
    float[] values = new float[3 * height * width];
    for (int i = 0; i < values.length; i++) {
      int x = i % width;
      int y = i / width % height;
      int channel = i / width / height;
      values[i] = (float) (.5 + .5 * noise((channel * rows + y / 8) * columns + x / 8, 99));
    }
    return Ops.floats(values, 1, 3, height, width);
  }

  static float[] golden(JsonNode values) {
    float[] golden = new float[values.size()];
    for (int i = 0; i < golden.length; i++) {
      golden[i] = (float) values.get(i).asDouble();
    }
    return golden;
  }

  /** The largest difference, of the largest golden value. */
  static double distance(float[] actual, float[] golden) {
    assertThat(actual).hasSameSizeAs(golden);
    double scale =
        IntStream.range(0, golden.length).mapToDouble(i -> Math.abs(golden[i])).max().orElse(0);
    return IntStream.range(0, golden.length)
            .mapToDouble(i -> Math.abs(actual[i] - golden[i]))
            .max()
            .orElse(0)
        / scale;
  }

  static long[] every(long count, int step) {
    return LongStream.iterate(0, i -> i < count, i -> i + step).toArray();
  }
}
