package io.realign.serve;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Repairs images, or tiles of larger ones, of one size: values {@code [3,height,width]} in [0,1] to
 * the same.
 */
record RepairTiles(ServedModel of, int height, int width) implements Work<float[], float[]> {

  @Override
  public String model() {
    return of.name();
  }

  @Override
  public String kind() {
    return "repair";
  }

  @Override
  public long pixels() {
    return (long) height * width;
  }

  @Override
  public List<float[]> apply(List<float[]> tiles) {
    int size = 3 * height * width;
    float[] values = new float[tiles.size() * size];
    for (int i = 0; i < tiles.size(); i++) {
      System.arraycopy(tiles.get(i), 0, values, i * size, size);
    }
    float[] repaired;
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor dirty = of.compute().place(Ops.floats(values, tiles.size(), 3, height, width));
      repaired = Ops.toFloats(Ops.clamp(of.neededDefense().purify(dirty), 0, 1));
    }
    List<float[]> results = new ArrayList<>(tiles.size());
    for (int i = 0; i < tiles.size(); i++) {
      results.add(Arrays.copyOfRange(repaired, i * size, (i + 1) * size));
    }
    return results;
  }
}
