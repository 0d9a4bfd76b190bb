package io.realign.train;

import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.target.Target;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** The share of a dataset's images that a target gets right. */
public final class CleanAccuracy {

  private static final int BATCH = 200;

  private CleanAccuracy() {}

  /** In [0,1]; in fp32, whatever the precision of {@code compute}. */
  public static double of(Target target, Dataset data, Compute compute) {
    Classification task = new Classification();
    Loader loader = new Loader(data, Loader.Options.evaluation(BATCH), Seed.of(0));
    try (NoGradGuard guard = new NoGradGuard();
        Batches batches = loader.epoch(0)) {
      long right = 0;
      while (batches.hasNext()) {
        try (Scope scope = Scope.open()) {
          Batch batch = batches.next();
          Tensor labels = compute.place(task.labels(batch));
          Tensor correct = task.correct(target.forward(compute.place(batch.images())), labels);
          right += Ops.toLongs(correct.sum())[0];
        }
      }
      return (double) right / data.size();
    }
  }
}
