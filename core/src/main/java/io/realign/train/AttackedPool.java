package io.realign.train;

import io.realign.align.AlignmentLoss;
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
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Lines 2 and 3 of Algorithm 1: clean images, their attacked versions, and the features z_c.
 *
 * <p>An oblivious attack does not depend on G, nor does z_c, so they stay true while G learns. A
 * pool of them is made at a time and gone through {@code replays} times, each time in another
 * order; the batches of a step are a function of seed and step alone.
 */
final class AttackedPool implements AutoCloseable {

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
  private List<Tensor> tensors = List.of(); // clean, attacked, labels, z_c if it has a part

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
      shards.add(
          new Pair(
              tensors.get(0).index_select(0, rows),
              tensors.get(1).index_select(0, rows),
              tensors.get(2).index_select(0, rows),
              tensors.stream().skip(3).findFirst().map(z -> z.index_select(0, rows))));
    }
    return shards;
  }

  /** Makes pool {@code wanted} if it is not there. */
  private void fill(long wanted) {
    if (wanted == index) {
      return;
    }
    close();
    int count = config.replay().steps() * config.shards();
    try (Scope scope = Scope.open();
        BatchStream stream = new BatchStream(loader, wanted * count)) {
      List<Tensor> clean = new ArrayList<>();
      List<Tensor> labels = new ArrayList<>();
      for (int i = 0; i < count; i++) { // 2: read a minibatch
        Batch batch = stream.next();
        clean.add(compute.place(batch.images()));
        labels.add(compute.place(task.labels(batch)));
      }
      Seed draws = seed.child(wanted);
      List<List<Tensor>> made =
          workers.map(count, i -> attacked(clean.get(i), labels.get(i), draws.child(i)));
      List<Tensor> joined = new ArrayList<>(List.of(join(clean), column(made, 0), join(labels)));
      if (made.getFirst().size() > 1) {
        joined.add(column(made, 1));
      }
      tensors = joined.stream().map(scope::release).toList();
    }
    index = wanted;
  }

  /** x_a of a batch, and z_c if the loss compares features. */
  private List<Tensor> attacked(Tensor clean, Tensor labels, Seed draws) {
    List<Tensor> made = new ArrayList<>();
    made.add(attacks.perturb(target, clean, labels, draws)); // 3: adversarial examples with O
    loss.cleanFeatures(clean).ifPresent(made::add);
    return made;
  }

  private static Tensor column(List<List<Tensor>> rows, int index) {
    return join(rows.stream().map(row -> row.get(index)).toList());
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

  private static Tensor join(List<Tensor> parts) {
    return torch.cat(new TensorVector(parts.toArray(Tensor[]::new)), 0);
  }

  @Override
  public void close() {
    tensors.forEach(Tensor::close);
    tensors = List.of();
    index = -1;
  }
}
