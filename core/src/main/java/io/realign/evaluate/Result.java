package io.realign.evaluate;

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
 * @param metric {@code accuracy}
 * @param value in [0,1]
 * @param n scored images
 * @param interval Wilson 95 % interval of the value
 * @param seconds time taken
 * @param provenance seed, commit, machine and versions
 * @param weights file name and sha256 of the target's and the defense's weights
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
    double seconds,
    Provenance provenance,
    Weights weights) {

  /** An attack's name and constants. */
  public record AttackCell(String name, Map<String, Object> parameters) {}

  /** What a figure was made with. */
  public record Provenance(
      long seed, String commit, String machine, Map<String, String> versions) {}

  /** sha256 of the weight files; null where there is none. */
  public record Weights(@Nullable String target, @Nullable String defense) {}
}
