package io.realign.attack;

import java.util.Locale;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/** What an attack wants of the target. */
public sealed interface Goal {

  /** Any other answer than the true class. */
  Goal UNTARGETED = new Untargeted();

  /** Any other answer than the true class. */
  record Untargeted() implements Goal {
    @Override
    public String word() {
      return "untargeted";
    }
  }

  /** The class that the target finds least likely for the clean image. */
  record LeastLikely() implements Goal {
    @Override
    public String word() {
      return "least-likely";
    }
  }

  /**
   * One class, for all images.
   *
   * @param label its index
   */
  record Label(int label) implements Goal {

    /** Checks the sign; the number of classes is the target's. */
    public Label {
      if (label < 0) {
        throw new IllegalArgumentException("a goal's class must be at least 0, not " + label);
      }
    }

    @Override
    public String word() {
      return Integer.toString(label);
    }
  }

  /** The word on the command line. */
  String word();

  /**
   * The goal of that word.
   *
   * @throws IllegalArgumentException for another word
   */
  static Goal of(String word) {
    String small = word.strip().toLowerCase(Locale.ROOT);
    return switch (small) {
      case "untargeted" -> UNTARGETED;
      case "least-likely" -> new LeastLikely();
      default -> {
        if (!small.matches("[0-9]{1,6}")) {
          throw new IllegalArgumentException(
              "unknown goal '" + word + "': untargeted, least-likely or the index of a class");
        }
        yield new Label(Integer.parseInt(small));
      }
    };
  }

  /** The attack that has this goal. */
  default Attack of(Attack untargeted) {
    return this instanceof Untargeted ? untargeted : new Targeted(untargeted, this);
  }

  /**
   * The class that each image is to be taken for.
   *
   * @param logits of the clean images {@code [N,K]}
   * @param labels {@code [N]} the true classes: what an untargeted attack leads away from
   * @return {@code [N]}
   */
  default Tensor wanted(Tensor logits, Tensor labels) {
    return switch (this) {
      case Untargeted u -> labels;
      case LeastLikely l -> logits.argmin(new LongOptional(1), false);
      case Label one -> labels.mul(zero()).add(new org.bytedeco.pytorch.Scalar(one.label()));
    };
  }

  private static org.bytedeco.pytorch.Scalar zero() {
    return new org.bytedeco.pytorch.Scalar(0);
  }
}
