package io.realign.report;

import io.realign.defense.Chain;
import io.realign.evaluate.Result;
import io.realign.io.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Which results are of a net: those that were measured with its weights, and those of the same
 * target undefended, to compare. A record that does not say the SHA-256 of its target is of no
 * target; one of a defense and a purifier behind it is of another net.
 *
 * @param target SHA-256 as {@link io.realign.target.TargetName#sha256} has it; empty for a defense
 *     alone, of which all results are that it has in front of any target
 * @param defense SHA-256 of its file; empty for a target alone
 */
public record OwnResults(Optional<String> target, Optional<String> defense) {

  /** Those among {@code records}; none if all are undefended and there is a defense. */
  public List<Result> of(List<Result> records) {
    List<Result> own = records.stream().filter(this::isOwn).toList();
    Set<String> targets =
        own.stream()
            .flatMap(record -> Optional.ofNullable(record.weights().target()).stream())
            .collect(Collectors.toSet());
    return records.stream()
        .filter(record -> isOwn(record) || (isBare(record) && isOf(targets, record)))
        .toList();
  }

  private boolean isOwn(Result record) {
    boolean behind = target.isEmpty() || isOf(Set.of(target.get()), record);
    return behind
        && defense
            .map(sum -> sum.equals(record.weights().defense()) && !isChain(record))
            .orElse(isBare(record));
  }

  private static boolean isBare(Result record) {
    return record.defense() == null;
  }

  private static boolean isChain(Result record) {
    String name = record.defense();
    return name != null && name.contains(Chain.THEN);
  }

  private static boolean isOf(Set<String> targets, Result record) {
    String sum = record.weights().target();
    return sum != null && targets.contains(sum);
  }

  /**
   * Those of a file.
   *
   * @param notes is told how many others there are
   * @throws InputException in one line, if there are none
   */
  public List<Result> read(Path file, Consumer<String> notes) {
    List<Result> records = ResultsJson.read(file);
    List<Result> own = of(records);
    if (own.isEmpty()) {
      throw new InputException(
          "%s holds no results of %s: the SHA-256 sums in its records are others"
              .formatted(file, what()));
    }
    if (own.size() < records.size()) {
      notes.accept(
          "%s: %d of %d records are of other nets, and left out"
              .formatted(file, records.size() - own.size(), records.size()));
    }
    return own;
  }

  private String what() {
    if (defense.isEmpty()) {
      return "this target";
    }
    return target.isEmpty() ? "this defense" : "this defense in front of this target";
  }

  /**
   * Those of files beside another one; others there are passed over.
   *
   * @param other the defense
   * @param names of files that may be there
   * @param notes is told of a file that holds no results
   */
  public List<Result> beside(Path other, List<String> names, Consumer<String> notes) {
    List<Result> found = new ArrayList<>();
    for (String name : names) {
      Path file = other.resolveSibling(name);
      if (Files.isRegularFile(file)) {
        try {
          found.addAll(of(ResultsJson.read(file)));
        } catch (InputException e) {
          notes.accept("not used: " + e.getMessage());
        }
      }
    }
    return found;
  }
}
