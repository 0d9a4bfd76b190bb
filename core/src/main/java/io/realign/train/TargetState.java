package io.realign.train;

import io.realign.io.InputException;
import io.realign.nn.StateDict;
import io.realign.target.Architectures;
import io.realign.target.Targets;
import io.realign.target.TrainableTarget;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Everything that changes while a target is trained.
 *
 * <p>Each shard has a replica of the net: the weights are the same in all, and the stored
 * statistics of batch norm are averaged after each step.
 */
final class TargetState {

  private static final String NET = "net.";
  private static final String BEST = "best.";
  private static final String BACKBONE = "backbone.";
  private static final String MOMENTUM = "momentum";

  private final TargetConfig config;
  private final List<TrainableTarget> replicas;
  private final TrainableTarget best;
  private final Sgd sgd;
  private double bestScore = Double.NaN;
  private long step;
  private double seconds;

  /** A run's first state. Call this outside any scope. */
  TargetState(TargetConfig config, Compute compute, Optional<Start> start) {
    this.config = config;
    this.replicas =
        IntStream.range(0, config.shards()).mapToObj(i -> create(config, compute)).toList();
    start.ifPresent(weights -> replicas.forEach(net -> weights.into(net.params().dict())));
    this.best = create(config, compute);
    TargetConfig.Optimiser optimiser = config.optimiser();
    this.sgd =
        new Sgd(
            net().params().trainedDict(),
            name -> name.startsWith(BACKBONE) ? 1 : optimiser.headFactor(),
            optimiser.momentum(),
            optimiser.weightDecay());
  }

  private static TrainableTarget create(TargetConfig config, Compute compute) {
    return Targets.trainable(
        Architectures.of(config.architecture()).forImages(config.imageSize()),
        config.classes(),
        Seed.of(config.seed()).child("target"),
        compute);
  }

  TrainableTarget net() {
    return replicas.getFirst();
  }

  TrainableTarget replica(int shard) {
    return replicas.get(shard);
  }

  /** Steps done. */
  long step() {
    return step;
  }

  /** Seconds of training, over all sessions. */
  double seconds() {
    return seconds;
  }

  void took(double more) {
    seconds += more;
  }

  /** The learning rate of the next step. */
  double learningRate() {
    return config.optimiser().learningRate() * config.optimiser().schedule().factor(step);
  }

  /** Takes a step along {@code gradients}, and makes the replicas equal again. */
  void update(List<Tensor> gradients) {
    sgd.step(gradients, learningRate());
    step++;
    if (replicas.size() > 1) {
      try (NoGradGuard guard = new NoGradGuard();
          Scope scope = Scope.open()) {
        agree();
      }
    }
  }

  private void agree() {
    for (Map.Entry<String, Tensor> entry : net().params().dict().entries()) {
      Tensor mine = entry.getValue();
      List<Tensor> others =
          replicas.stream().skip(1).map(net -> net.params().dict().get(entry.getKey())).toList();
      if (!mine.requires_grad()) {
        Tensor sum = others.stream().reduce(mine, Tensor::add);
        mine.copy_(Ops.scale(sum, 1.0 / replicas.size()));
      }
      others.forEach(other -> other.copy_(mine));
    }
  }

  /** Keeps the net if {@code score} is the best so far; says whether it is. */
  boolean keepIfBest(double score) {
    boolean better = Double.isNaN(bestScore) || score > bestScore;
    if (better) {
      bestScore = score;
      best.params().dict().load(net().params().dict(), "the net in training");
    }
    return better;
  }

  void saveBest(Path file) {
    best.save(file);
  }

  /** Whether every weight is a number; a state that is not must not replace one that was. */
  boolean sound() {
    try (Scope scope = Scope.open()) {
      return net().params().trained().stream()
          .allMatch(weight -> weight.isfinite().all().item_bool());
    }
  }

  void save(Path file, String fingerprint) {
    StateDict tensors = new StateDict();
    Checkpoint.add(tensors, NET, net().params().dict());
    Checkpoint.add(tensors, BEST, best.params().dict());
    Map<String, byte[]> optimisers = step == 0 ? Map.of() : Map.of(MOMENTUM, sgd.state());
    new Checkpoint(step, seconds, bestScore, fingerprint, tensors, optimisers).write(file);
  }

  /**
   * Goes back to what a checkpoint holds.
   *
   * @throws InputException if it is of another configuration
   */
  void restore(Path file, String fingerprint) {
    Checkpoint checkpoint = Checkpoint.read(file, fingerprint);
    StateDict weights = checkpoint.part(NET);
    replicas.forEach(net -> net.params().dict().load(weights, file.toString()));
    best.params().dict().load(checkpoint.part(BEST), file.toString());
    byte[] moments = checkpoint.optimisers().get(MOMENTUM);
    if (moments != null) {
      sgd.restore(moments);
    }
    step = checkpoint.step();
    seconds = checkpoint.seconds();
    bestScore = checkpoint.bestScore();
  }
}
