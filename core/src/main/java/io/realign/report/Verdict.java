package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The figures of a run in a paragraph of plain words. */
final class Verdict {

  private final ResultMatrix matrix;
  private final List<String> sentences = new ArrayList<>();

  private Verdict(ResultMatrix matrix) {
    this.matrix = matrix;
  }

  /** What the results say; empty without results. */
  static String of(List<Result> results) {
    if (results.isEmpty()) {
      return "";
    }
    Verdict verdict = new Verdict(ResultMatrix.of(results));
    verdict.write(results);
    return String.join(" ", verdict.sentences);
  }

  private void write(List<Result> results) {
    Result any = results.get(0);
    Optional<ResultMatrix.Row> bare =
        matrix.rows().stream().filter(row -> row.defense().isEmpty()).findFirst();
    List<ResultMatrix.Row> defended =
        matrix.rows().stream().filter(row -> row.defense().isPresent()).toList();
    if (matrix.attacks().isEmpty()) {
      matrix.rows().stream()
          .flatMap(row -> row.clean().stream())
          .findFirst()
          .ifPresent(
              clean ->
                  sentences.add(
                      "%s is right on %s of clean images; no attack was run."
                          .formatted(clean.target(), Text.percent(clean.value()))));
    } else if (defended.isEmpty()) {
      bare.ifPresent(row -> undefended(row, any.target()));
    } else {
      for (ResultMatrix.Row row : defended) {
        defended(bare, row, defended.size() > 1);
      }
    }
    sentences.add(sample(results));
  }

  private void undefended(ResultMatrix.Row row, String target) {
    worst(row, Threat.OBLIVIOUS)
        .ifPresent(
            attack ->
                sentences.add(
                    fall(row, attack, "takes the undefended " + target)
                        + ". No defense was tried."));
  }

  private void defended(Optional<ResultMatrix.Row> bare, ResultMatrix.Row row, boolean named) {
    Optional<ResultMatrix.Attack> headline =
        worst(row, Threat.OBLIVIOUS).or(() -> worst(row, Threat.ADAPTIVE));
    if (headline.isEmpty()) {
      return;
    }
    ResultMatrix.Attack attack = headline.get();
    String behind = named ? "behind " + row.name() : "behind this defense";
    Optional<Result> oblivious = row.cell(attack, Threat.OBLIVIOUS);
    Optional<Result> adaptive = row.cell(attack, Threat.ADAPTIVE);
    String start =
        bare.map(b -> fall(b, attack, "takes the undefended " + target(b)) + "; " + behind)
            .orElse("Under " + Text.attack(attack.cell().name()) + ", " + behind);
    String survive =
        oblivious
            .map(
                r ->
                    Text.percent(r.value())
                        + " survive an attacker who does not know of it"
                        + adaptive
                            .map(a -> ", " + Text.percent(a.value()) + " one who does")
                            .orElse(""))
            .or(
                () ->
                    adaptive.map(
                        a -> Text.percent(a.value()) + " survive an attacker who knows of it"))
            .orElse("nothing was measured");
    sentences.add(start + " " + survive + ".");
    strongestAdaptive(row, attack);
    bare.flatMap(ResultMatrix.Row::clean).ifPresent(before -> clean(row, before));
    if (oblivious.isPresent() && adaptive.isPresent()) {
      judge(oblivious.get(), adaptive.get());
    }
  }

  private void strongestAdaptive(ResultMatrix.Row row, ResultMatrix.Attack headline) {
    worst(row, Threat.ADAPTIVE)
        .filter(attack -> !attack.equals(headline))
        .flatMap(attack -> row.cell(attack, Threat.ADAPTIVE))
        .filter(
            result ->
                row.cell(headline, Threat.ADAPTIVE)
                    .map(other -> result.value() < other.value())
                    .orElse(true))
        .ifPresent(
            result ->
                sentences.add(
                    "The strongest attacker who knows of it%s leaves %s."
                        .formatted(
                            result.attack() == null
                                ? ""
                                : " (" + Text.attack(result.attack().name()) + ")",
                            Text.percent(result.value()))));
  }

  private void clean(ResultMatrix.Row row, Result before) {
    row.clean()
        .ifPresent(
            after -> {
              double cost = before.value() - after.value();
              sentences.add(
                  Math.abs(cost) < 5e-4
                      ? "On clean images it costs nothing."
                      : "On clean images it %s %s points: %s instead of %s."
                          .formatted(
                              cost > 0 ? "costs" : "gains",
                              Text.fixed(100 * Math.abs(cost), 1),
                              Text.percent(after.value()),
                              Text.percent(before.value())));
            });
  }

  private void judge(Result oblivious, Result adaptive) {
    if (adaptive.interval().high() < oblivious.interval().low()
        && adaptive.value() <= oblivious.value() / 2) {
      sentences.add(
          "Most of the protection rests on the attacker's ignorance:"
              + " do not rely on it where the attacker may learn of the defense.");
    } else if (adaptive.interval().high() >= oblivious.interval().low()) {
      sentences.add("Knowing of the defense does not measurably help this attacker.");
    }
  }

  private static String fall(ResultMatrix.Row row, ResultMatrix.Attack attack, String verb) {
    String from = row.clean().map(r -> " from " + Text.percent(r.value())).orElse("");
    String to =
        row.cell(attack, Threat.OBLIVIOUS).map(r -> " to " + Text.percent(r.value())).orElse("");
    return Text.attack(attack.cell().name()) + " " + verb + from + to;
  }

  private static String target(ResultMatrix.Row row) {
    return row.cells().values().iterator().next().target();
  }

  private Optional<ResultMatrix.Attack> worst(ResultMatrix.Row row, Threat threat) {
    return matrix.attacks().stream()
        .filter(attack -> row.cell(attack, threat).isPresent())
        .min(
            Comparator.comparingDouble(
                attack -> row.cell(attack, threat).map(Result::value).orElse(1.0)));
  }

  private static String sample(List<Result> results) {
    Result any = results.get(0);
    long most = results.stream().mapToLong(Result::n).max().orElse(0);
    long least = results.stream().mapToLong(Result::n).min().orElse(0);
    return "Scored on %s images of %s (%s)."
        .formatted(
            least == most ? Text.count(most) : Text.count(least) + " to " + Text.count(most),
            any.dataset(),
            any.split());
  }
}
