package io.realign.train;

import io.realign.data.Batch;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.target.TrainableTarget;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Autocast;
import io.realign.torch.Compute;
import io.realign.torch.MatrixGradients;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains a target on clean images.
 *
 * <p>A step has one or more shards: batches of their own, each on a core of its own, whose
 * gradients are averaged. Every draw is a function of seed and step, so a run that was killed goes
 * on to the same weights, bit by bit.
 */
final class TargetTrainer implements Course.Trainee, AutoCloseable {

  private final TargetConfig config;
  private final BatchStream batches;
  private final Dataset validation;
  private final Workers workers;
  private final Compute compute;
  private final TargetState state;
  private final Listener listener;
  private final Files files;
  private final Task task;
  private final Seed draws;

  /**
   * Where a run leaves what it makes.
   *
   * @param checkpoint everything needed to go on
   * @param target the best net so far
   * @param fingerprint of the configuration
   */
  record Files(Path checkpoint, Path target, String fingerprint) {}

  /** Goes on from {@code state}. */
  TargetTrainer(
      TargetConfig config,
      Loader loader,
      Dataset validation,
      Workers workers,
      Compute compute,
      TargetState state,
      Listener listener,
      Files files) {
    this.config = config;
    this.task = state.net().task();
    this.draws = Seed.of(config.seed()).child("dropout");
    this.batches = new BatchStream(loader, state.step() * config.shards());
    this.validation = validation;
    this.workers = workers;
    this.compute = compute;
    this.state = state;
    this.listener = listener;
    this.files = files;
  }

  @Override
  public long step() {
    return state.step();
  }

  @Override
  public SequencedMap<String, Double> advance() {
    try (Scope scope = Scope.open()) {
      List<Batch> shards = new ArrayList<>();
      for (int i = 0; i < config.shards(); i++) {
        shards.add(batches.next());
      }
      List<List<Tensor>> results = workers.map(shards.size(), i -> gradients(i, shards.get(i)));
      SequencedMap<String, Double> losses = new LinkedHashMap<>();
      losses.put("total", finite(results));
      state.update(Shards.mean(results, 1));
      return losses;
    }
  }

  /** The loss of one shard, then its gradients. */
  private List<Tensor> gradients(int shard, Batch batch) {
    TrainableTarget net = state.replica(shard);
    net.params().draws(draws.child(step()).child(shard));
    Tensor images = compute.place(batch.images()); // [N,3,H,W]
    Tensor labels = compute.place(task.labels(batch));
    try (Autocast autocast = Autocast.open(compute);
        MatrixGradients differentiable = MatrixGradients.open()) {
      Outputs outputs = net.forward(images).inFloat();
      Tensor loss = task.trainingLoss(outputs, labels, config.labelSmoothing());
      List<Tensor> results = new ArrayList<>();
      results.add(loss.detach());
      results.addAll(differentiable.gradients(loss, net.params().trained()));
      return results;
    }
  }

  private double finite(List<List<Tensor>> results) {
    double loss =
        results.stream()
            .mapToDouble(shard -> Ops.toFloats(shard.getFirst())[0])
            .average()
            .orElseThrow();
    if (!Double.isFinite(loss)) {
      throw TrainingFailure.notFinite("total", loss, step() + 1, files.checkpoint());
    }
    return loss;
  }

  @Override
  public void took(double seconds) {
    state.took(seconds);
  }

  @Override
  public Listener.Progress progress(SequencedMap<String, Double> losses, double secondsPerStep) {
    long images = step() * config.imagesPerStep();
    return new Listener.Progress(
        step(),
        config.optimiser().schedule().steps(),
        (double) images / config.trainingImages(),
        images,
        state.seconds(),
        config.imagesPerStep() / secondsPerStep,
        state.learningRate(),
        losses);
  }

  @Override
  public void validate() {
    checkSound();
    double score;
    try (Scope scope = Scope.open()) {
      score = CleanScore.of(state.net().freeze(), validation, compute);
    }
    boolean best = state.keepIfBest(score);
    if (best) {
      state.saveBest(files.target());
    }
    listener.validated(step(), Map.of(task.metric(), score), best);
  }

  @Override
  public void save() {
    checkSound();
    state.save(files.checkpoint(), files.fingerprint());
  }

  private void checkSound() {
    if (!state.sound()) {
      throw TrainingFailure.weights(state.step(), files.checkpoint());
    }
  }

  @Override
  public void close() {
    batches.close();
  }
}
