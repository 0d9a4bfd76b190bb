package io.realign.evaluate;

import io.realign.attack.Attack;
import io.realign.attack.Attacks;
import io.realign.data.Dataset;
import io.realign.data.Loader;
import io.realign.io.InputException;
import io.realign.target.Target;
import io.realign.task.Task;
import io.realign.torch.Compute;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is evaluated, and how.
 *
 * @param target the net under attack
 * @param targetSha256 of its weight file
 * @param defense what stands in front of it; empty to evaluate the target alone
 * @param surrogate whose gradients a black-box attacker has; empty without that threat
 * @param task what is asked of it
 * @param dataset every image of it is scored
 * @param split the part of the data that it is, for the records
 * @param attacks what attacks it, each by another name; none to score clean images alone
 * @param threats what the attackers know, at least one
 * @param settings how it is computed
 * @param provenance of the records; its seed is the root of all draws
 */
public record EvaluationPlan(
    Target target,
    String targetSha256,
    Optional<Defense> defense,
    Optional<Target> surrogate,
    Task task,
    Dataset dataset,
    String split,
    List<Attack> attacks,
    Set<Threat> threats,
    Settings settings,
    Result.Provenance provenance) {

  /**
   * How an evaluation is computed.
   *
   * @param batch images attacked together, ≥ 1: the random draws of an image depend on it
   * @param draws times that a randomised defense or target is asked for the score of an image, ≥ 1;
   *     one without random choices is asked once
   * @param round8 whether attacked images are rounded to 8 bits, towards the clean image
   * @param compute where
   */
  public record Settings(int batch, int draws, boolean round8, Compute compute) {

    /** The usual number of draws. */
    public static final int DRAWS = 10;

    /** Checks batch and draws. */
    public Settings {
      if (batch < 1) {
        throw new InputException("the batch must hold at least one image, not " + batch);
      }
      if (draws < 1) {
        throw new InputException("an image must be scored at least once, not " + draws + " times");
      }
    }

    /** As many images a batch as fit well into memory. */
    public static Settings standard(int imageSize, Compute compute) {
      return new Settings(Loader.Options.batchSize(imageSize), DRAWS, false, compute);
    }
  }

  /** Whether the same images may be scored in another way the next time. */
  public boolean randomised(boolean defended) {
    return target.randomised()
        || (defended && defense.map(d -> d.purifier().randomised()).orElse(false));
  }

  /**
   * Copies the collections and checks that everything fits together.
   *
   * @throws InputException if the dataset has other classes or another image size than the target,
   *     or an attack is there twice
   */
  public EvaluationPlan {
    attacks = List.copyOf(attacks);
    if (threats.isEmpty()) {
      throw new InputException("an evaluation needs a threat: oblivious, adaptive or black-box");
    }
    threats = EnumSet.copyOf(threats); // oblivious first
    int there = task.classes(dataset).size();
    if (target.classes() != there) {
      throw new InputException(
          "target %s tells %d classes apart, dataset %s has %d"
              .formatted(target.name(), target.classes(), dataset.name(), there));
    }
    if (target.imageSize() != dataset.imageSize()) {
      throw new InputException(
          "target %s is made for images of %d pixels, those of dataset %s have %d"
              .formatted(target.name(), target.imageSize(), dataset.name(), dataset.imageSize()));
    }
    if (threats.contains(Threat.BLACK_BOX) && surrogate.isEmpty()) {
      throw new InputException("a black-box attacker needs a surrogate: --surrogate ARCH@FILE");
    }
    int classes = target.classes();
    int imageSize = target.imageSize();
    surrogate.ifPresent(
        other -> {
          if (other.classes() != classes || other.imageSize() != imageSize) {
            throw new InputException(
                "surrogate %s tells %d classes of %d pixels apart, the target %d of %d"
                    .formatted(
                        other.name(), other.classes(), other.imageSize(), classes, imageSize));
          }
        });
    Set<String> names = new HashSet<>();
    for (Attack attack : attacks) {
      if (!attack.suits(task)) {
        throw new InputException(
            "attack %s is not for %s: one of %s"
                .formatted(attack.name(), task.name(), String.join(", ", Attacks.suiting(task))));
      }
      if (!names.add(attack.name())) {
        throw new InputException("attack " + attack.name() + " is named twice");
      }
    }
  }
}
