package io.realign.attack;

import io.realign.target.ForwardingTarget;
import io.realign.target.Target;
import io.realign.task.Outputs;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Any attack, led to a class: it runs untargeted against the question "this class or another?",
 * whose two logits are max_{j≠t} z_j and z_t. To fool that is to be taken for t; the losses become
 * functions of the margin z_t − max_{j≠t} z_j of Carlini and Wagner (2017, arXiv 1608.04644).
 *
 * <p>Images that are of the wanted class stay as they are. HopSkipJump, which sees decisions alone,
 * starts from noise that the target takes for the class and finds nothing where there is none.
 *
 * @param untargeted the attack
 * @param goal the class
 */
public record Targeted(Attack untargeted, Goal goal) implements Attack {

  /** Refuses a goal that leads nowhere. */
  public Targeted {
    if (goal instanceof Goal.Untargeted) {
      throw new IllegalArgumentException("a targeted attack needs a class");
    }
  }

  @Override
  public String name() {
    return untargeted.name();
  }

  @Override
  public Norm norm() {
    return untargeted.norm();
  }

  @Override
  public double epsilon() {
    return untargeted.epsilon();
  }

  @Override
  public Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>(untargeted.parameters());
    values.put("goal", goal.word());
    return values;
  }

  @Override
  public Tensor perturb(Target target, Tensor images, Tensor labels, Seed seed) {
    if (goal instanceof Goal.Label one && one.label() >= target.classes()) {
      throw new IllegalArgumentException(
          "goal %d: the target has the classes 0 to %d"
              .formatted(one.label(), target.classes() - 1));
    }
    try (Scope scope = Scope.open()) {
      Tensor attacked = images.detach().clone(); // written in place
      long[] wanted = wanted(target, images, labels, seed);
      long[] truth = Ops.toLongs(labels);
      for (long each : Arrays.stream(wanted).distinct().sorted().toArray()) {
        long[] rows =
            IntStream.range(0, wanted.length)
                .filter(i -> wanted[i] == each && truth[i] != each)
                .asLongStream()
                .toArray();
        if (rows.length > 0) {
          try (Scope group = Scope.open()) {
            Tensor index = Ops.rows(rows, images);
            Tensor others = labels.index_select(0, index).zero_(); // the first of the two logits
            attacked.index_copy_(
                0,
                index,
                untargeted.perturb(
                    new ThisOrAnother(target, (int) each),
                    images.index_select(0, index),
                    others,
                    seed.child(each)));
          }
        }
      }
      return scope.keep(attacked);
    }
  }

  private long[] wanted(Target target, Tensor images, Tensor labels, Seed seed) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor logits = target.drawn(seed.child("goal")).forward(images).logits();
      return Ops.toLongs(goal.wanted(logits, labels));
    }
  }

  /** A net of two classes: another one than {@code wanted}, or {@code wanted}. */
  private record ThisOrAnother(Target target, int wanted) implements ForwardingTarget {

    @Override
    public int classes() {
      return 2;
    }

    @Override
    public Target drawn(Seed draws) {
      return randomised() ? new ThisOrAnother(target.drawn(draws), wanted) : this;
    }

    @Override
    public Outputs forward(Tensor images) {
      Outputs outputs = target.forward(images);
      Tensor z = outputs.logits(); // [N,K]
      long k = z.size(1);
      Tensor own = z.narrow(1, wanted, 1); // [N,1]
      Tensor others =
          torch.cat(
              new TensorVector(z.narrow(1, 0, wanted), z.narrow(1, wanted + 1L, k - wanted - 1)),
              1); // [N,K−1]
      Tensor best = Ops.max(others, 1).unsqueeze(1);
      return new Outputs(torch.cat(new TensorVector(best, own), 1), outputs.features());
    }
  }
}
