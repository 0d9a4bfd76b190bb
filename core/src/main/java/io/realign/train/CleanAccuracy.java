package io.realign.train;

import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.target.Target;
import io.realign.target.TrainableClassifier;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.NoGradGuard;

/** The share of a dataset's images that a net in training gets right, as the target it would be. */
final class CleanAccuracy {

  private static final int BATCH = 200;

  private final Loader loader;
  private final Compute compute;
  private final Classification task = new Classification();

  CleanAccuracy(Dataset data, Compute compute) {
    this.loader = new Loader(data, Loader.Options.evaluation(BATCH), Seed.of(0));
    this.compute = compute;
  }

  /** In [0,1]; in fp32 whatever the precision of training. */
  double of(TrainableClassifier net) {
    try (Scope whole = Scope.open();
        NoGradGuard guard = new NoGradGuard();
        Batches batches = loader.epoch(0)) {
      Target target = net.freeze();
      long right = 0;
      while (batches.hasNext()) {
        try (Scope scope = Scope.open()) {
          Batch batch = batches.next();
          right +=
              Ops.toLongs(
                  task.correct(
                          target.forward(compute.place(batch.images())),
                          compute.place(task.labels(batch)))
                      .sum())[0];
        }
      }
      return (double) right / loader.dataset().size();
    }
  }
}
