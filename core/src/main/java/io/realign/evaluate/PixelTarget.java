package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.attack.Ball;
import io.realign.data.Annotation;
import io.realign.data.Batch;
import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.task.Finding;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A target for programs that hold images of 8 bits and no tensors: asks it, and attacks it. The
 * attacker of a {@link io.realign.defense.Defended} target is an adaptive one.
 *
 * <p>One object may serve several threads, and keeps no native memory between calls.
 *
 * @param target the net, with or without a defense in front of it
 * @param compute where it was loaded
 */
public record PixelTarget(Target target, Compute compute) {

  /**
   * An attacked image.
   *
   * @param image the result: within the attack's ball around the clean image, rounded towards it
   * @param label what the attack led away from: the truth, or else {@code before}
   * @param before what the target says of the clean image
   * @param after what it says of the result
   * @param change the distance between the two images in the attack's norm, of the [0,1] range
   * @param agreement how far {@code after} agrees with {@code before}, in the task's metric from 0
   *     to 1
   */
  public record Attacked(
      Pixels image, Finding label, Finding before, Finding after, double change, double agreement) {

    /** Whether the target says something else than before. */
    public boolean changed() {
      return agreement < 1;
    }
  }

  /**
   * Checks the size of an image.
   *
   * @param name what to call it in an error: a file
   * @throws InputException in one line if it is not the target's; see {@link Images#resize}
   */
  public void check(Pixels image, String name) {
    int side = target.imageSize();
    if (image.height() != side || image.width() != side) {
      throw new InputException(
          "%s is %d×%d, target %s takes images of %d×%d"
              .formatted(name, image.width(), image.height(), target.name(), side, side));
    }
  }

  /**
   * What the target says of an image.
   *
   * @param image of the target's size
   * @throws InputException if it has another size
   */
  public Prediction predict(Pixels image) {
    return predict(List.of(image)).getFirst();
  }

  /**
   * What the target says of several images at once, in their order.
   *
   * @param images at least one, each of the target's size
   * @throws InputException if one has another size
   */
  public List<Prediction> predict(List<Pixels> images) {
    images.forEach(image -> check(image, "the image"));
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      return Prediction.of(task(), target.forward(compute.place(Images.toTensor(images))));
    }
  }

  /** Attacks an image whose truth nobody knows: away from what the target says of it. */
  public Attacked attack(Pixels image, Attack attack, Seed seed) {
    return attack(image, Optional.empty(), attack, seed);
  }

  /**
   * Attacks an image.
   *
   * @param image of the target's size
   * @param truth what the attack leads away from; the target's own answer where empty
   * @param seed of the attack's draws: the same one gives the same image
   * @throws InputException if the image has another size, or the attack is for another task
   * @throws IllegalStateException if the attack left its ball
   */
  public Attacked attack(Pixels image, Optional<Annotation> truth, Attack attack, Seed seed) {
    check(image, "the image");
    if (!attack.suits(task())) {
      throw new InputException("attack %s is not for %s".formatted(attack.name(), task().name()));
    }
    try (Scope scope = Scope.open()) {
      Tensor clean = compute.place(Images.toTensor(List.of(image)));
      Tensor before = answer(clean);
      Tensor labels =
          truth
              .map(known -> task().labels(new Batch(clean, List.of(known), new int[1])))
              .orElseGet(() -> task().asLabels(before));
      Tensor attacked = EightBit.attacked(attack, target, clean, compute.place(labels), seed);
      Ball ball = new Ball(attack.norm(), attack.epsilon());
      Tensor after = answer(attacked);
      return new Attacked(
          Images.fromTensor(attacked).getFirst(),
          finding(labels),
          finding(before),
          finding(after),
          Ops.toFloats(ball.distances(attacked, clean))[0],
          task().judge(after, task().asLabels(before)).getFirst().value());
    }
  }

  private Task task() {
    return target.task();
  }

  private Tensor answer(Tensor image) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return task().predictions(target.forward(image));
    }
  }

  private Finding finding(Tensor answers) {
    return task().findings(answers).getFirst();
  }
}
