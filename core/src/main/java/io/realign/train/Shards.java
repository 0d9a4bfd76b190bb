package io.realign.train;

import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** What the shards of a step have in common. */
final class Shards {

  private Shards() {}

  /** The means over the shards of their tensors, from number {@code from} on. */
  static List<Tensor> mean(List<List<Tensor>> shards, int from) {
    return mean(shards, from, shards.getFirst().size());
  }

  /** The same up to number {@code to}, which is left out. */
  static List<Tensor> mean(List<List<Tensor>> shards, int from, int to) {
    List<Tensor> mean = new ArrayList<>();
    for (int i = from; i < to; i++) {
      int index = i;
      Tensor sum = shards.stream().map(shard -> shard.get(index)).reduce(Tensor::add).orElseThrow();
      mean.add(shards.size() == 1 ? sum : Ops.scale(sum, 1.0 / shards.size()));
    }
    return mean;
  }
}
