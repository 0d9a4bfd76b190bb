package io.realign.train;

import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.target.Target;
import io.realign.task.Judgement;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** The metric of a target on the clean images of a dataset. */
public final class CleanScore {

  private CleanScore() {}

  /** In [0,1]; in fp32, whatever the precision of {@code compute}. */
  public static double of(Target target, Dataset data, Compute compute) {
    Task task = target.task();
    int batch = Loader.Options.batchSize(data.imageSize());
    Loader loader = new Loader(data, Loader.Options.evaluation(batch), Seed.of(0));
    List<Judgement> judged = new ArrayList<>();
    try (NoGradGuard guard = new NoGradGuard();
        Batches batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        try (Scope scope = Scope.open()) {
          Batch next = batches.next();
          Tensor labels = compute.place(task.labels(next));
          Tensor found = task.predictions(target.forward(compute.place(next.images())));
          judged.addAll(task.judge(found, labels));
        }
      }
    }
    return task.score(judged);
  }
}
