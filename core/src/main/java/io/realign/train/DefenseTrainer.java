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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
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
final class DefenseTrainer {

  private static final String TOTAL = "total";
  private static final String DISCRIMINATOR = "discriminator";

  private final DefenseConfig config;
  private final Target target;
  private final Task task;
  private final AlignmentLoss loss;
  private final Loader loader;
  private final Supplier<Validation> validationMaker;
  private final Workers workers;
  private final Compute compute;
  private final DefenseState state;
  private final Listener listener;
  private final Files files;
  private volatile List<String> termNames = List.of();

  /**
   * Where a run leaves what it makes.
   *
   * @param checkpoint everything needed to go on
   * @param defense the best generator so far
   * @param origin what the defense's metadata says beside the generator
   * @param fingerprint of the configuration
   * @param every time between checkpoints
   */
  record Files(
      Path checkpoint,
      Path defense,
      Map<String, String> origin,
      String fingerprint,
      Duration every) {}

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
    this.target = target;
    this.task = task;
    this.loss = loss;
    this.loader = loader;
    this.validationMaker = validation;
    this.workers = workers;
    this.compute = compute;
    this.state = state;
    this.listener = listener;
    this.files = files;
  }

  /** Trains to the end, or until {@code stop} says so; says whether the end was reached. */
  boolean run(BooleanSupplier stop) {
    long steps = config.optimiser().schedule().steps();
    Clock clock = new Clock();
    listener.started(state.step(), steps);
    Validation validation = validationMaker.get();
    clock.restart();
    try (AttackedPool pool = new AttackedPool(config, target, task, loader, workers, compute)) {
      while (state.step() < steps && !stop.getAsBoolean()) {
        SequencedMap<String, Double> losses = step(pool);
        state.took(clock.lap());
        listener.stepped(progress(steps, losses, clock));
        boolean last = state.step() == steps;
        if (last || state.step() % config.validateEvery() == 0) {
          validate(validation);
          clock.restart();
        }
        if (!last && clock.sinceSaved().compareTo(files.every()) >= 0) {
          save();
          clock.saved();
        }
      }
      save();
    } finally {
      listener.ended();
    }
    return state.step() == steps;
  }

  /** The mean seconds of {@code timed} steps, after as many that warm up. */
  double time(int timed) {
    try (AttackedPool pool = new AttackedPool(config, target, task, loader, workers, compute)) {
      // whole pools: making one costs as much as many steps
      int whole = config.replay().steps() * config.replay().times();
      int steps = Math.max(1, (timed + whole - 1) / whole) * whole;
      Clock clock = new Clock();
      for (int i = 0; i < 2 * steps; i++) {
        if (i == steps) {
          clock.lap();
        }
        step(pool);
      }
      return clock.lap() / steps;
    }
  }

  /** Lines 2 to 8 of Algorithm 1. */
  private SequencedMap<String, Double> step(AttackedPool pool) {
    try (Scope scope = Scope.open()) {
      List<AttackedPool.Pair> pairs = pool.at(state.step()); // 2, 3
      List<List<Tensor>> shards = workers.map(pairs.size(), i -> gradients(pairs.get(i)));
      SequencedMap<String, Double> losses = losses(shards);
      List<Tensor> mean = mean(shards);
      int generatorWeights = state.generator().params().trained().size();
      state.update( // 8
          mean.subList(0, generatorWeights), mean.subList(generatorWeights, mean.size()));
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
        Repaired.by(state.generator(), pair.clean(), pair.attacked(), pair.labels());
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
            throw new TrainingFailure(
                "loss term '%s' is %s at step %d; the last good state is %s"
                    .formatted(name, value, state.step() + 1, files.checkpoint().getFileName()));
          }
        });
    return losses;
  }

  private static List<Tensor> mean(List<List<Tensor>> shards) {
    List<Tensor> mean = new ArrayList<>();
    for (int i = 1; i < shards.getFirst().size(); i++) {
      int index = i;
      Tensor sum = shards.stream().map(shard -> shard.get(index)).reduce(Tensor::add).orElseThrow();
      mean.add(shards.size() == 1 ? sum : Ops.scale(sum, 1.0 / shards.size()));
    }
    return mean;
  }

  private void validate(Validation validation) {
    Map<String, Double> figures = validation.figures(state.average());
    boolean best = state.keepIfBest(Validation.score(figures));
    if (best) {
      DefenseFile.write(files.defense(), config.generator(), state.best(), files.origin());
    }
    listener.validated(state.step(), figures, best);
  }

  private void save() {
    listener.saving(state.step());
    state.save(files.checkpoint(), files.fingerprint());
    listener.saved(state.step());
  }

  private Listener.Progress progress(long steps, SequencedMap<String, Double> losses, Clock clock) {
    long images = state.step() * config.imagesPerStep();
    return new Listener.Progress(
        state.step(),
        steps,
        (double) images / loader.dataset().size(),
        images,
        state.seconds(),
        config.imagesPerStep() / clock.lately(),
        config.optimiser().generatorRate() * config.optimiser().schedule().factor(state.step()),
        losses);
  }
}
