package io.realign.train;

import io.realign.align.AlignmentLoss;
import io.realign.align.AlignmentLoss.Look;
import io.realign.align.AlignmentLoss.Repaired;
import io.realign.align.AlignmentLoss.Terms;
import io.realign.align.DefenseFile;
import io.realign.data.Loader;
import io.realign.target.Target;
import io.realign.task.Task;
import io.realign.torch.Autocast;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Algorithm 1: trains a generator for a frozen target. Knows no task.
 *
 * <p>A step has one or more shards: batches of their own, each on a core of its own, whose
 * gradients are averaged. Every draw is a function of seed and step, so a run that was killed goes
 * on to the same weights, bit by bit.
 */
final class DefenseTrainer implements Course.Trainee, AutoCloseable {

  private static final String TOTAL = "total";
  private static final String DISCRIMINATOR = "discriminator";

  private final DefenseConfig config;
  private final AttackedPool pool;
  private final AlignmentLoss loss;
  private final Loader loader;
  private final Supplier<Validation> validationMaker;
  private final Workers workers;
  private final Compute compute;
  private final DefenseState state;
  private final Listener listener;
  private final Files files;
  private Optional<Validation> validation = Optional.empty();
  private volatile List<String> termNames = List.of();

  /**
   * Where a run leaves what it makes.
   *
   * @param checkpoint everything needed to go on
   * @param defense the best generator so far
   * @param origin what the defense's metadata says beside the generator
   * @param fingerprint of the configuration
   */
  record Files(Path checkpoint, Path defense, Map<String, String> origin, String fingerprint) {}

  DefenseTrainer(
      DefenseConfig config,
      Target target,
      Task task,
      AlignmentLoss loss,
      Loader loader,
      Supplier<Validation> validation,
      Workers workers,
      Compute compute,
      DefenseState state,
      Listener listener,
      Files files) {
    this.config = config;
    this.pool = new AttackedPool(config, target, task, loss, loader, workers, compute);
    this.loss = loss;
    this.loader = loader;
    this.validationMaker = validation;
    this.workers = workers;
    this.compute = compute;
    this.state = state;
    this.listener = listener;
    this.files = files;
  }

  /** The mean seconds of {@code timed} steps, after as many that warm up. */
  double time(int timed) {
    // whole pools: making one costs as much as many steps
    int whole = config.replay().steps() * config.replay().times();
    int steps = Math.max(1, (timed + whole - 1) / whole) * whole;
    Clock clock = new Clock();
    for (int i = 0; i < 2 * steps; i++) {
      if (i == steps) {
        clock.lap();
      }
      advance();
    }
    return clock.lap() / steps;
  }

  @Override
  public long step() {
    return state.step();
  }

  @Override
  public void prepare() {
    validation = Optional.of(validationMaker.get());
  }

  /** Lines 2 to 8 of Algorithm 1. */
  @Override
  public SequencedMap<String, Double> advance() {
    try (Scope scope = Scope.open()) {
      List<AttackedPool.Pair> pairs = pool.at(state.step()); // 2, 3
      List<List<Tensor>> shards = workers.map(pairs.size(), i -> gradients(pairs.get(i)));
      SequencedMap<String, Double> losses = losses(shards);
      int firstOfDiscriminator = 1 + state.generator().params().trained().size();
      int end = shards.getFirst().size();
      state.update( // 8
          () -> Shards.mean(shards, 1, firstOfDiscriminator),
          () -> Shards.mean(shards, firstOfDiscriminator, end),
          workers);
      return losses;
    }
  }

  /**
   * Lines 4 to 7 for one shard: the values of the losses, the gradients of G's weights, those of
   * D's.
   */
  private List<Tensor> gradients(AttackedPool.Pair pair) {
    try (Autocast autocast = Autocast.open(compute)) {
      return differentiated(pair);
    }
  }

  private List<Tensor> differentiated(AttackedPool.Pair pair) {
    Repaired repaired = // x̂_c, x̂_a
        Repaired.by(
            state.generator(), pair.clean(), pair.cleanFeatures(), pair.attacked(), pair.labels());
    Optional<Look> look = loss.look(repaired, state.discriminator());
    Terms terms = loss.generator(repaired, look); // 4–7
    Tensor total = terms.total();
    List<Tensor> results = new ArrayList<>();
    SequencedMap<String, Tensor> values = new LinkedHashMap<>(terms.byName());
    values.put(TOTAL, total);
    results.addAll(Ops.gradients(total, state.generator().params().trained(), look.isPresent()));
    look.ifPresent(
        seen -> {
          Tensor judged = loss.discriminator(seen);
          values.put(DISCRIMINATOR, judged);
          results.addAll(Ops.gradients(judged, state.discriminator().params().trained(), false));
        });
    termNames = List.copyOf(values.keySet());
    results.addFirst(
        torch.stack(
            new TensorVector(values.values().stream().map(Tensor::detach).toArray(Tensor[]::new)),
            0));
    return results;
  }

  /** The mean of each loss over the shards; all must be numbers. */
  private SequencedMap<String, Double> losses(List<List<Tensor>> shards) {
    SequencedMap<String, Double> losses = new LinkedHashMap<>();
    for (List<Tensor> shard : shards) {
      float[] values = Ops.toFloats(shard.getFirst());
      for (int i = 0; i < values.length; i++) {
        losses.merge(termNames.get(i), (double) values[i] / shards.size(), Double::sum);
      }
    }
    losses.forEach(
        (name, value) -> {
          if (!Double.isFinite(value)) {
            throw TrainingFailure.notFinite(name, value, state.step() + 1, files.checkpoint());
          }
        });
    return losses;
  }

  @Override
  public void took(double seconds) {
    state.took(seconds);
  }

  @Override
  public void validate() {
    checkSound();
    Map<String, Double> figures = validation.orElseThrow().figures(state.average());
    boolean best = state.keepIfBest(Validation.score(figures));
    if (best) {
      DefenseFile.write(files.defense(), config.generator(), state.best(), files.origin());
    }
    listener.validated(state.step(), figures, best);
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
  public Listener.Progress progress(SequencedMap<String, Double> losses, double secondsPerStep) {
    long images = state.step() * config.imagesPerStep();
    return new Listener.Progress(
        state.step(),
        config.optimiser().schedule().steps(),
        (double) images / loader.dataset().size(),
        images,
        state.seconds(),
        config.imagesPerStep() / secondsPerStep,
        config.optimiser().generatorRate()
            * config.optimiser().schedule().factor(Math.max(0, state.step() - 1)),
        losses);
  }

  @Override
  public void close() {
    pool.close();
  }
}
