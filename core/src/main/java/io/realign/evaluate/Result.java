package io.realign.evaluate;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One scored cell: defense × attack × threat.
 *
 * @param task {@code classification}
 * @param dataset name
 * @param split {@code test}
 * @param target architecture
 * @param defense name, or null for the undefended target
 * @param attack name and constants, or null for clean images
 * @param threat the attacker's knowledge, or null for clean images
 * @param metric {@code accuracy}, {@code mIoU}, {@code mAP}
 * @param value in [0,1]; of a randomised target or defense, an image counts where all draws are
 *     right: an attacker may ask again
 * @param n scored images
 * @param interval the 95 % interval of the value
 * @param draws what else the draws of a randomised target or defense say, or null for others
 * @param seconds time taken
 * @param provenance seed, commit, machine and versions
 * @param weights file name and sha256 of the target's and the defense's weights
 * @param classes the metric class by class; empty where it is not told
 */
public record Result(
    String task,
    String dataset,
    String split,
    String target,
    @Nullable String defense,
    @Nullable AttackCell attack,
    @Nullable Threat threat,
    String metric,
    double value,
    long n,
    Interval interval,
    @Nullable Draws draws,
    double seconds,
    Provenance provenance,
    Weights weights,
    List<ClassFigure> classes) {

  /** Copies the list. */
  public Result {
    classes = List.copyOf(classes);
  }

  /** The same with other figures of classes. */
  public Result withClasses(List<ClassFigure> told) {
    return new Result(
        task,
        dataset,
        split,
        target,
        defense,
        attack,
        threat,
        metric,
        value,
        n,
        interval,
        draws,
        seconds,
        provenance,
        weights,
        told);
  }

  /**
   * The metric of one class.
   *
   * @param name of the class
   * @param value accuracy, intersection over union or average precision, in [0,1]
   * @param images that show it
   */
  public record ClassFigure(String name, double value, long images) {}

  /** An attack's name and constants. */
  public record AttackCell(String name, Map<String, Object> parameters) {}

  /**
   * The score of a randomised target or defense over several draws.
   *
   * @param count of draws
   * @param majority the value if an image counts where more than half of the draws are right
   * @param mean the value of a single draw, on average
   */
  public record Draws(int count, double majority, double mean) {}

  /** What a figure was made with. */
  public record Provenance(
      long seed, String commit, String machine, Map<String, String> versions) {}

  /** sha256 of the weight files; null where there is none. */
  public record Weights(@Nullable String target, @Nullable String defense) {}
}
