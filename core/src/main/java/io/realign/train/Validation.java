package io.realign.train;

import io.realign.align.Generator;
import io.realign.attack.Attack;
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
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * How well the target does behind a generator, on images that were split off the training data.
 *
 * <p>The attacks see the target alone, so their images are made once and serve the whole run.
 */
final class Validation {

  /** The figure of clean images. */
  static final String CLEAN = "clean";

  private final Target target;
  private final Task task;
  private final Workers workers;
  private final int batches;
  private final List<Tensor> labels = new ArrayList<>();
  private final Map<String, List<Tensor>> images = new LinkedHashMap<>();

  /** Makes the attacked images. Call this outside any scope: they live as long as the run. */
  Validation(
      Target target,
      Task task,
      Dataset data,
      List<Attack> attacks,
      Seed seed,
      Workers workers,
      Compute compute) {
    this.target = target;
    this.task = task;
    this.workers = workers;
    List<Tensor> clean = new ArrayList<>();
    int batch = Loader.Options.batchSize(data.imageSize());
    try (Batches loaded = new Loader(data, Loader.Options.evaluation(batch), seed).epoch(0)) {
      while (loaded.hasNext()) {
        Batch next = loaded.next();
        clean.add(compute.place(next.images()));
        labels.add(compute.place(task.labels(next)));
      }
    }
    this.batches = clean.size();
    images.put(CLEAN, clean);
    for (Attack attack : attacks) {
      List<Tensor> attacked =
          workers
              .map(
                  batches,
                  i ->
                      List.of(
                          attack.perturb(
                              target,
                              clean.get(i),
                              labels.get(i),
                              seed.child(attack.name()).child(i))))
              .stream()
              .map(List::getFirst)
              .toList();
      images.put(attack.name(), attacked);
    }
  }

  /** The metric of the target behind {@code generator}, by kind of image. */
  Map<String, Double> figures(Generator generator) {
    Map<String, Double> figures = new LinkedHashMap<>();
    images.forEach(
        (kind, parts) -> {
          try (Scope scope = Scope.open()) {
            List<List<Tensor>> found =
                workers.map(batches, i -> List.of(found(generator, parts.get(i))));
            List<Judgement> judged = new ArrayList<>();
            for (int i = 0; i < batches; i++) {
              judged.addAll(task.judge(found.get(i).getFirst(), labels.get(i)));
            }
            figures.put(kind, task.score(judged));
          }
        });
    Scope.trim();
    return figures;
  }

  /**
   * What the best generator has most of: half the clean figure, half the mean of the attacked ones.
   */
  static double score(Map<String, Double> figures) {
    double clean = figures.getOrDefault(CLEAN, 0.0);
    double attacked =
        figures.entrySet().stream()
            .filter(figure -> !figure.getKey().equals(CLEAN))
            .mapToDouble(Map.Entry::getValue)
            .average()
            .orElse(clean);
    return (clean + attacked) / 2;
  }

  private Tensor found(Generator generator, Tensor part) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return task.predictions(target.forward(generator.forward(part)));
    }
  }
}
