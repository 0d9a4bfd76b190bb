package io.realign.train;

import io.realign.align.Discriminator;
import io.realign.align.Generator;
import io.realign.io.InputException;
import io.realign.nn.StateDict;
import io.realign.target.Target;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** Everything that changes while a defense is trained. */
final class DefenseState {

  private static final String GENERATOR = "generator.";
  private static final String AVERAGE = "average.";
  private static final String BEST = "best.";
  private static final String DISCRIMINATOR = "discriminator.";

  private final DefenseConfig config;
  private final Generator generator;
  private final Generator average;
  private final Discriminator discriminator;
  private final StateDict best;
  private final Adam generatorSteps;
  private final Adam discriminatorSteps;
  private final MovingAverage averaging;
  private double bestScore = Double.NaN;
  private long step;
  private double seconds;

  /** A run's first state. Call this outside any scope. */
  DefenseState(DefenseConfig config, Target target, Optional<DefenseStart> start, Compute compute) {
    Seed seed = Seed.of(config.seed());
    this.config = config;
    this.generator = config.generator().create(seed.child("generator"), compute);
    this.average = config.generator().create(seed.child("generator"), compute);
    generator.startFrom(target);
    start.ifPresent(earlier -> earlier.into(generator));
    average.params().freeze();
    average.params().dict().load(generator.params().dict(), "the new generator");
    this.best = average.params().dict().copy();
    this.discriminator = config.discriminator().create(seed.child("discriminator"), compute);
    DefenseConfig.Optimiser optimiser = config.optimiser();
    this.generatorSteps =
        new Adam(
            generator.params().dict(),
            name -> name.startsWith(Generator.TRUNK) ? optimiser.trunkFactor() : 1,
            optimiser.beta1(),
            optimiser.beta2());
    this.discriminatorSteps =
        new Adam(discriminator.params().dict(), name -> 1, optimiser.beta1(), optimiser.beta2());
    this.averaging = new MovingAverage(average.params().dict(), optimiser.averaging());
  }

  DefenseConfig config() {
    return config;
  }

  Generator generator() {
    return generator;
  }

  /** G with the moving average of the weights: what is validated and kept. */
  Generator average() {
    return average;
  }

  Discriminator discriminator() {
    return discriminator;
  }

  /** The weights of the best generator so far. */
  StateDict best() {
    return best;
  }

  /** Its validation score; NaN before the first validation. */
  double bestScore() {
    return bestScore;
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

  /**
   * Line 8 of Algorithm 1: G, with its average, and D take a step each, at the same time. The
   * suppliers give the mean gradients over the shards; D's is empty when D has no part.
   */
  void update(
      Supplier<List<Tensor>> forGenerator,
      Supplier<List<Tensor>> forDiscriminator,
      Workers workers) {
    DefenseConfig.Optimiser optimiser = config.optimiser();
    double factor = optimiser.schedule().factor(step);
    long next = step + 1;
    List<Runnable> updates =
        List.of(
            () -> {
              generatorSteps.step(forGenerator.get(), optimiser.generatorRate() * factor);
              averaging.update(generator.params().dict(), next);
            },
            () -> {
              List<Tensor> gradients = forDiscriminator.get();
              if (!gradients.isEmpty()) {
                discriminatorSteps.step(gradients, optimiser.discriminatorRate() * factor);
              }
            });
    workers.map(
        updates.size(),
        i -> {
          updates.get(i).run();
          return List.of();
        });
    step = next;
  }

  /** Keeps the averaged generator if {@code score} is the best so far; says whether it is. */
  boolean keepIfBest(double score) {
    boolean better = Double.isNaN(bestScore) || score > bestScore;
    if (better) {
      bestScore = score;
      best.load(average.params().dict(), "the averaged generator");
    }
    return better;
  }

  /**
   * Whether every weight of G and D is a number; a state that is not must not replace one that was.
   */
  boolean sound() {
    try (Scope scope = Scope.open()) {
      return Stream.of(generator.params(), discriminator.params())
          .flatMap(params -> params.trained().stream())
          .allMatch(weight -> weight.isfinite().all().item_bool());
    }
  }

  void save(Path file, String fingerprint) {
    StateDict tensors = new StateDict();
    Checkpoint.add(tensors, GENERATOR, generator.params().dict());
    Checkpoint.add(tensors, AVERAGE, average.params().dict());
    Checkpoint.add(tensors, BEST, best);
    Checkpoint.add(tensors, DISCRIMINATOR, discriminator.params().dict());
    Map<String, byte[]> optimisers =
        step == 0
            ? Map.of()
            : Map.of(GENERATOR, generatorSteps.state(), DISCRIMINATOR, discriminatorSteps.state());
    new Checkpoint(step, seconds, bestScore, fingerprint, tensors, optimisers).write(file);
  }

  /**
   * Goes back to what a checkpoint holds.
   *
   * @throws InputException if it is of another configuration
   */
  void restore(Path file, String fingerprint) {
    Checkpoint checkpoint = Checkpoint.read(file, fingerprint);
    generator.params().dict().load(checkpoint.part(GENERATOR), file.toString());
    average.params().dict().load(checkpoint.part(AVERAGE), file.toString());
    best.load(checkpoint.part(BEST), file.toString());
    discriminator.params().dict().load(checkpoint.part(DISCRIMINATOR), file.toString());
    restore(generatorSteps, checkpoint, GENERATOR);
    restore(discriminatorSteps, checkpoint, DISCRIMINATOR);
    step = checkpoint.step();
    seconds = checkpoint.seconds();
    bestScore = checkpoint.bestScore();
  }

  private static void restore(Adam optimiser, Checkpoint checkpoint, String name) {
    byte[] bytes = checkpoint.optimisers().get(name);
    if (bytes != null) {
      optimiser.restore(bytes);
    }
  }
}
