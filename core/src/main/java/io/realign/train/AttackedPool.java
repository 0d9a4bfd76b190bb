package io.realign.train;

import io.realign.align.AlignmentLoss;
import io.realign.data.Annotation;
import io.realign.data.Batch;
import io.realign.data.Loader;
import io.realign.target.Target;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Lines 2 and 3 of Algorithm 1: clean images, their attacked versions, and the features z_c.
 *
 * <p>An oblivious attack does not depend on G, nor does z_c, so they stay true while G learns. A
 * pool of them is made at a time and gone through {@code replays} times, each time in another
 * order; the batches of a step are a function of seed and step alone.
 */
final class AttackedPool implements AutoCloseable {

  private static final int TOGETHER =
      4; // the most shards that are attacked at a time: few are slower

  private final DefenseConfig config;
  private final Target target;
  private final Task task;
  private final AlignmentLoss loss;
  private final Loader loader;
  private final AttackMix attacks;
  private final Workers workers;
  private final Compute compute;
  private final Seed seed;
  private long index = -1;
  private long orderedFor = -1;
  private int[] order = new int[0];
  private final Joined clean = new Joined();
  private final Joined attacked = new Joined();
  private final Joined cleanFeatures = new Joined(); // empty if they have no part
  private Annotation[] known = {}; // of the clean images: labels may differ in width by batch

  /**
   * One shard of a step.
   *
   * @param clean x_c {@code [N,3,H,W]}
   * @param attacked x_a, likewise
   * @param labels y
   * @param cleanFeatures z_c, if the loss compares features
   */
  record Pair(Tensor clean, Tensor attacked, Tensor labels, Optional<Tensor> cleanFeatures) {}

  AttackedPool(
      DefenseConfig config,
      Target target,
      Task task,
      AlignmentLoss loss,
      Loader loader,
      Workers workers,
      Compute compute) {
    this.config = config;
    this.target = target;
    this.task = task;
    this.loss = loss;
    this.loader = loader;
    this.attacks = new AttackMix(config.attacks());
    this.workers = workers;
    this.compute = compute;
    this.seed = Seed.of(config.seed()).child("attack");
  }

  /** The shards of step {@code step}, counted from 0; they belong to the caller's scope. */
  List<Pair> at(long step) {
    DefenseConfig.Replay replay = config.replay();
    long stepsPerPool = (long) replay.steps() * replay.times();
    fill(step / stepsPerPool);
    shuffle(step / replay.steps());
    int first = (int) (step % replay.steps()) * config.imagesPerStep();
    List<Pair> shards = new ArrayList<>();
    for (int shard = 0; shard < config.shards(); shard++) {
      long[] chosen = new long[config.batch()];
      for (int i = 0; i < chosen.length; i++) {
        chosen[i] = order[first + shard * config.batch() + i];
      }
      Tensor rows = compute.place(Ops.longs(chosen, chosen.length));
      Tensor images = clean.of(rows).orElseThrow();
      shards.add(
          new Pair(
              images,
              attacked.of(rows).orElseThrow(),
              labels(images, Arrays.stream(chosen).mapToInt(Math::toIntExact).toArray()),
              cleanFeatures.of(rows)));
    }
    return shards;
  }

  /** Of some of the pool's images, on their device. */
  private Tensor labels(Tensor images, int... rows) {
    List<Annotation> here = Arrays.stream(rows).mapToObj(row -> known[row]).toList();
    return compute.place(task.labels(new Batch(images, here, rows)));
  }

  /** Makes pool {@code wanted} if it is not there. */
  private void fill(long wanted) {
    if (wanted == index) {
      return;
    }
    index = -1;
    int count = config.replay().steps() * config.shards();
    List<Annotation> read = new ArrayList<>();
    try (BatchStream stream = new BatchStream(loader, wanted * count)) {
      for (int i = 0; i < count; i++) { // 2: read a minibatch
        try (Scope scope = Scope.open()) {
          Batch batch = stream.next();
          clean.put(i, compute.place(batch.images()));
          read.addAll(batch.annotations());
        }
      }
    }
    known = read.toArray(new Annotation[0]);
    Seed draws = seed.child(wanted);
    int together = Math.min(TOGETHER, config.replay().steps()); // every worker has its part
    workers.map(
        Math.ceilDiv(count, together),
        i -> {
          int first = i * together;
          attack(first, Math.min(together, count - first), draws.child(i));
          return List.of();
        });
    Scope.trim();
    index = wanted;
  }

  /** x_a of some shards, and z_c if the loss compares features. */
  private void attack(int first, int count, Seed draws) {
    try (Scope scope = Scope.open()) {
      Tensor images = clean.shards(first, count);
      int start = first * config.batch();
      Tensor labels =
          labels(images, IntStream.range(start, start + count * config.batch()).toArray());
      attacked.put( // 3: adversarial examples with O
          first, attacks.perturb(target, images, labels, draws));
      loss.cleanFeatures(images).ifPresent(features -> cleanFeatures.put(first, features));
    }
  }

  /** Draws the order of pass {@code pass}, counted over all pools. */
  private void shuffle(long pass) {
    if (pass == orderedFor) {
      return;
    }
    SplittableRandom random = seed.child("order").child(pass).random();
    order = new int[config.replay().steps() * config.imagesPerStep()];
    for (int i = 0; i < order.length; i++) { // Fisher–Yates, inside out
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    orderedFor = pass;
  }

  @Override
  public void close() {
    List.of(clean, attacked, cleanFeatures).forEach(Joined::close);
    known = new Annotation[0];
    index = -1;
  }

  /**
   * What all shards of a pool have of one kind, in one tensor. It is written over by the next pool:
   * made anew each time, it would leave holes in the memory.
   */
  private final class Joined implements AutoCloseable {

    private Optional<Tensor> all = Optional.empty();

    /** Puts the images of a shard, or of some from it on. */
    void put(int shard, Tensor part) {
      Tensor room = room(part);
      try (NoGradGuard guard = new NoGradGuard()) {
        room.narrow(0, (long) shard * config.batch(), part.size(0)).copy_(part);
      }
    }

    Tensor shards(int first, int count) {
      return all.orElseThrow()
          .narrow(0, (long) first * config.batch(), (long) count * config.batch());
    }

    Optional<Tensor> of(Tensor rows) {
      return all.map(tensor -> tensor.index_select(0, rows));
    }

    /** The workers all come here with their first shards. */
    private synchronized Tensor room(Tensor part) {
      if (all.isEmpty()) {
        long[] shape = Ops.shape(part);
        shape[0] = (long) config.replay().steps() * config.imagesPerStep();
        try (Scope scope = Scope.open()) {
          all =
              Optional.of(
                  scope.release(torch.empty(shape, part.options(), new MemoryFormatOptional())));
        }
      }
      return all.orElseThrow();
    }

    @Override
    public void close() {
      all.ifPresent(Tensor::close);
      all = Optional.empty();
    }
  }
}
