package io.realign.serve;

import io.realign.attack.Attack;
import io.realign.attack.Ball;
import io.realign.attack.Norm;
import io.realign.evaluate.EightBit;
import io.realign.evaluate.Prediction;
import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.task.Finding;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Attacks an image of the target's size, in 8 bits, away from what the target says of it, and asks
 * the target, bare and behind its defense, before and after.
 *
 * @param of the model
 * @param attack with its constants
 * @param adaptive whether it goes through the defense
 * @param seed of its draws
 * @param client for whom it is: an attack ends when he is gone
 */
record Assault(ServedModel of, Attack attack, boolean adaptive, long seed, Departure client)
    implements Work<Pixels, Assault.Outcome> {

  /**
   * What came of it.
   *
   * @param attacked the image, changed
   * @param repaired that, repaired; empty without a defense
   * @param largest change of a value, in [0,1]
   * @param length of the change, in L2
   * @param before what is said of the clean image
   * @param after what is said of the attacked one
   */
  record Outcome(
      Pixels attacked,
      Optional<Pixels> repaired,
      double largest,
      double length,
      Answers before,
      Answers after) {}

  /**
   * What is said of an image.
   *
   * @param bare by the target
   * @param defended by the target behind its defense; empty without one
   */
  record Answers(Judged bare, Optional<Judged> defended) {}

  /**
   * An answer.
   *
   * @param kept how far it agrees with what the target says of the clean image, by the metric, in
   *     [0,1]
   * @param support the probability of the class that the target sees in the clean image; empty
   *     where the answer is not one class
   */
  record Judged(Prediction prediction, double kept, Optional<Float> support) {}

  @Override
  public String model() {
    return of.name();
  }

  @Override
  public String kind() {
    return "attack";
  }

  /** Alone: an attack takes long enough. */
  @Override
  public long pixels() {
    return Long.MAX_VALUE;
  }

  @Override
  public List<Outcome> apply(List<Pixels> images) {
    return images.stream().map(this::outcome).toList();
  }

  private Outcome outcome(Pixels image) {
    Target bare = of.neededTarget();
    Optional<Target> defended = of.defense().map(defense -> of.defended());
    Target net = new Attended(adaptive ? of.defended() : bare, client);
    try (Scope scope = Scope.open()) {
      Tensor clean = of.compute().place(Images.toTensor(List.of(image)));
      Reference reference = Reference.of(bare, clean);
      Tensor labels = of.compute().place(reference.labels());
      Seed draws = Seed.of(seed).child(attack.name());
      Tensor attacked = EightBit.attacked(attack, net, clean, labels, draws);
      Ball ball = new Ball(attack.norm(), attack.epsilon());
      try (NoGradGuard guard = new NoGradGuard()) {
        return new Outcome(
            Images.fromTensor(attacked).getFirst(),
            of.defense().map(defense -> Images.fromTensor(defense.purify(attacked)).getFirst()),
            Ops.toFloats(ball.distances(attacked, clean))[0],
            Ops.toFloats(new Ball(Norm.L2, 1).distances(attacked, clean))[0],
            reference.answers(bare, defended, clean),
            reference.answers(bare, defended, attacked));
      }
    }
  }

  /** What the target says of the clean image, by which all answers are judged. */
  private record Reference(Task task, Tensor labels, Finding finding) {

    static Reference of(Target target, Tensor clean) {
      Task task = target.task();
      try (NoGradGuard guard = new NoGradGuard()) {
        Tensor said = task.predictions(target.forward(clean));
        return new Reference(task, task.asLabels(said), task.findings(said).getFirst());
      }
    }

    Answers answers(Target bare, Optional<Target> defended, Tensor image) {
      return new Answers(judged(bare, image), defended.map(net -> judged(net, image)));
    }

    private Judged judged(Target net, Tensor image) {
      Outputs outputs = net.forward(image).inFloat();
      Prediction prediction = Prediction.of(task, outputs).getFirst();
      double kept =
          Math.clamp(
              task.judge(task.predictions(outputs), labels).getFirst().value(),
              0,
              1); // it may round above 1
      Optional<Float> support =
          finding instanceof Finding.OneClass one
              ? Optional.of(prediction.probabilities().get(one.label()))
              : Optional.empty();
      return new Judged(prediction, kept, support);
    }
  }
}
