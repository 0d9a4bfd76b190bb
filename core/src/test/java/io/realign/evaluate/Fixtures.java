package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.attack.Norm;
import io.realign.data.Annotation;
import io.realign.data.Dataset;
import io.realign.data.Sample;
import io.realign.defense.Purifier;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.task.Classification;
import io.realign.task.Outputs;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** A linear net on images of 4×4 that are bright in one channel, their class. */
final class Fixtures {

  static final int SIDE = 4;

  private Fixtures() {}

  /** Three classes in turn; the channel of the class is brighter, by more or less. */
  record Channels(int size) implements Dataset {
    @Override
    public String name() {
      return "channels";
    }

    @Override
    public List<String> classes() {
      return List.of("red", "green", "blue");
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Sample get(int index) {
      SplittableRandom random = Seed.of(7).child(index).random();
      byte[] rgb = new byte[3 * SIDE * SIDE];
      int label = index % 3;
      int margin = random.nextInt(40); // of 255; ε .031 moves 16 levels between two channels
      for (int i = 0; i < rgb.length; i++) {
        rgb[i] = (byte) (100 + random.nextInt(8) + (i / (SIDE * SIDE) == label ? margin : 0));
      }
      return new Sample(new Pixels(SIDE, SIDE, rgb), Annotation.ofClass(label));
    }
  }

  /** The mean of each channel is its class's logit. */
  record ChannelNet() implements Target {
    @Override
    public String name() {
      return "channel-net";
    }

    @Override
    public int classes() {
      return 3;
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Outputs forward(Tensor images) {
      Tensor means = Ops.globalAvgPool(images);
      return new Outputs(Ops.scale(means, 20), means);
    }
  }

  record Changing(String name, UnaryOperator<Tensor> change) implements Purifier {
    @Override
    public Tensor purify(Tensor images) {
      return change.apply(images);
    }
  }

  /** Adds the same to every value, whatever its ε says. */
  record Shift(double epsilon, double by) implements Attack {
    @Override
    public String name() {
      return "shift";
    }

    @Override
    public Norm norm() {
      return Norm.LINF;
    }

    @Override
    public Map<String, Object> parameters() {
      return Map.of("epsilon", epsilon);
    }

    @Override
    public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
      return Ops.shift(images, by);
    }
  }

  static Defense defense(UnaryOperator<Tensor> change) {
    return new Defense("change.safetensors", new Changing("change", change), "d".repeat(64));
  }

  static EvaluationPlan plan(
      int images,
      Optional<Defense> defense,
      List<Attack> attacks,
      Set<Threat> threats,
      boolean round8) {
    return new EvaluationPlan(
        new ChannelNet(),
        "c".repeat(64),
        defense,
        threats.contains(Threat.BLACK_BOX) ? Optional.of(new ChannelNet()) : Optional.empty(),
        new Classification(),
        new Channels(images),
        "test",
        attacks,
        threats,
        new EvaluationPlan.Settings(16, 3, round8, Compute.CPU),
        new Result.Provenance(3, "commit", "machine", Map.of()));
  }

  static EvaluationPlan with(EvaluationPlan plan, EvaluationPlan.Settings settings) {
    return new EvaluationPlan(
        plan.target(),
        plan.targetSha256(),
        plan.defense(),
        plan.surrogate(),
        plan.task(),
        plan.dataset(),
        plan.split(),
        plan.attacks(),
        plan.threats(),
        settings,
        plan.provenance());
  }

  static Evaluation run(EvaluationPlan plan) {
    return run(plan, 2);
  }

  static Evaluation run(EvaluationPlan plan, int workers) {
    try (Workers threads = new Workers(workers, 1)) {
      return new Evaluator(plan)
          .run(threads, AttackedImages.NONE, Evaluator.Progress.NONE, () -> false)
          .orElseThrow();
    }
  }
}
