package io.realign.bench;

import io.realign.attack.Norm;
import io.realign.attack.Pgd;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.target.TrainableTarget;
import io.realign.torch.Compute;
import io.realign.torch.MatrixGradients;
import io.realign.torch.MultiplyAdds;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * A wide residual net in training and under PGD.
 *
 * @param name of the net
 * @param multiplyAdds of a forward pass of one 32² image
 * @param rows what was measured
 */
record WideNet(String name, long multiplyAdds, List<Row> rows) {

  private static final int SIDE = 32;
  private static final int CLASSES = 10;

  /**
   * One way to run it.
   *
   * @param work {@code train} or {@code pgd}
   * @param batch images at a time
   * @param workers calls at a time, on as many cores together as there are
   * @param imagesPerSecond for PGD: images times steps per second
   * @param gigaflops GF/s of convolutions and matrix products, at the median
   * @param ofPeak that over the conv peak
   */
  record Row(
      String work,
      int batch,
      int workers,
      Spread imagesPerSecond,
      double gigaflops,
      double ofPeak) {}

  private record Key(String work, int batch, int workers) {}

  /**
   * Measures training and PGD at every batch size, in turns.
   *
   * @param peak the conv peak in GF/s
   */
  static WideNet measure(Plan plan, int cores, double peak, Seed seed) {
    List<TrainableTarget> replicas = new ArrayList<>(); // of which each core trains one
    for (int core = 0; core < cores; core++) {
      replicas.add(Targets.trainable(plan.wide(), CLASSES, seed.child("wide"), Compute.CPU));
      replicas.getLast().params().training(true);
    }
    TrainableTarget net = replicas.getFirst();
    Target target = net.freeze();
    List<Tensor> weights = net.params().trained();
    SGDOptions options = new SGDOptions(1e-4); // small: random labels must not blow the net up
    options.momentum().put(.9);
    options.nesterov().put(true);
    SGD optimiser = new SGD(new TensorVector(weights.toArray(Tensor[]::new)), options);
    Cost cost = Cost.of(net, target, seed);
    Map<Key, List<Double>> found = new LinkedHashMap<>();
    try (Workers together = new Workers(1, cores);
        Workers each = new Workers(cores, 1)) {
      for (int repeat = 0; repeat <= plan.repeats(); repeat++) { // the first warms up
        for (int batch : plan.wideBatches()) {
          Seed draws = seed.child("images").child(batch);
          for (Workers workers : cores == 1 ? List.of(together) : List.of(together, each)) {
            training(workers, batch, draws, replicas, optimiser); // its memory is made anew
            double train = training(workers, batch, draws, replicas, optimiser);
            add(found, new Key("train", batch, workers.count()), batch / train, repeat);
            double pgd =
                timed(
                    workers,
                    batch,
                    draws,
                    (worker, images, labels) -> {
                      attack(target, images, labels, plan.attackSteps(), seed);
                      return List.of();
                    },
                    gradients -> {});
            add(
                found,
                new Key("pgd", batch, workers.count()),
                (double) batch * plan.attackSteps() / pgd,
                repeat);
          }
        }
      }
    }
    List<Row> rows = new ArrayList<>();
    found.forEach(
        (key, speeds) -> {
          Spread speed = Spread.of(speeds);
          long each = key.work.equals("train") ? cost.training : cost.attack;
          double gigaflops = 2e-9 * each * speed.median();
          rows.add(new Row(key.work, key.batch, key.workers, speed, gigaflops, gigaflops / peak));
        });
    return new WideNet(plan.wide(), cost.forward, rows);
  }

  /** Multiply-adds an image: of a forward pass, a training step, a step of PGD. */
  record Cost(long forward, long training, long attack) {
    static Cost of(TrainableTarget net, Target target, Seed seed) {
      try (Scope scope = Scope.open()) {
        Tensor image = seed.child("cost").uniform(0, 1, 2, 3, SIDE, SIDE); // batch norm wants two
        long forward;
        long training;
        long attack;
        try (MultiplyAdds count = MultiplyAdds.open()) {
          net.forward(image);
          forward = count.forward() / 2;
          training = (count.forward() + count.byInputs() + count.byWeights()) / 2;
        }
        try (MultiplyAdds count = MultiplyAdds.open()) {
          target.forward(Ops.leaf(image));
          attack = (count.forward() + count.byInputs()) / 2;
        }
        return new Cost(forward, training, attack);
      }
    }
  }

  @FunctionalInterface
  private interface Work {
    List<Tensor> on(int worker, Tensor images, Tensor labels);
  }

  private static void add(Map<Key, List<Double>> found, Key key, double speed, int repeat) {
    if (repeat > 0) {
      found.computeIfAbsent(key, any -> new ArrayList<>()).add(speed);
    }
  }

  /**
   * Seconds for {@code batch} images, split among the workers, and for what is made of the results.
   */
  private static double timed(
      Workers workers, int batch, Seed seed, Work work, Consumer<List<List<Tensor>>> end) {
    try (Scope scope = Scope.open()) {
      int count = workers.count();
      int each = Math.max(1, batch / count);
      List<Tensor> images = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        images.add(seed.child(i).uniform(0, 1, each, 3, SIDE, SIDE));
      }
      Tensor labels = Ops.longs(new long[each], each);
      long start = System.nanoTime();
      end.accept(workers.map(count, i -> work.on(i, images.get(i), labels)));
      double seconds = (System.nanoTime() - start) * 1e-9;
      return seconds * batch / ((double) each * count);
    }
  }

  /**
   * Seconds of a training step: each worker has a replica and a share of the images; the gradients
   * are averaged, and the replicas made equal.
   */
  private static double training(
      Workers workers, int batch, Seed seed, List<TrainableTarget> replicas, SGD optimiser) {
    return timed(
        workers,
        batch,
        seed,
        (worker, images, labels) -> {
          TrainableTarget net = replicas.get(worker);
          try (MatrixGradients differentiable = MatrixGradients.open()) {
            Tensor loss = Ops.crossEntropy(net.forward(images).logits(), labels);
            return differentiable.gradients(loss, net.params().trained());
          }
        },
        gradients -> update(replicas.subList(0, workers.count()), optimiser, gradients));
  }

  private static void update(
      List<TrainableTarget> replicas, SGD optimiser, List<List<Tensor>> gradients) {
    List<Tensor> weights = replicas.getFirst().params().trained();
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int i = 0; i < weights.size(); i++) {
        int index = i;
        Tensor sum =
            gradients.stream().map(each -> each.get(index)).reduce(Tensor::add).orElseThrow();
        weights.get(i).mutable_grad().put(Ops.scale(sum, 1.0 / replicas.size()));
      }
      optimiser.step();
      for (TrainableTarget other : replicas.subList(1, replicas.size())) {
        for (int i = 0; i < weights.size(); i++) {
          other.params().trained().get(i).copy_(weights.get(i));
        }
      }
    }
  }

  private static void attack(Target target, Tensor images, Tensor labels, int steps, Seed seed) {
    new Pgd(Norm.LINF, .031, .0075, steps, 1).perturb(target, images, labels, seed);
  }
}
