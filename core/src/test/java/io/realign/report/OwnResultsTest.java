package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records are of a net if they were measured with its weights. */
final class OwnResultsTest {

  private static final String NET = "a".repeat(64);
  private static final String OTHER_NET = "b".repeat(64);
  private static final String G = "c".repeat(64);
  private static final String OTHER_G = "d".repeat(64);

  private static final Result BARE = record(null, NET, null);
  private static final Result DEFENDED = record("g", NET, G);
  private static final Result OTHER_BARE = record(null, OTHER_NET, null);
  private static final Result TRANSFERRED = record("g", OTHER_NET, G);
  private static final Result BY_ANOTHER = record("g", NET, OTHER_G);
  private static final Result WITH_JPEG = record("g then jpeg:75", NET, G);
  private static final Result JPEG_ALONE = record("jpeg:75", NET, "");
  private static final Result OF_NO_TARGET = record("g", null, G);
  private static final Result BARE_OF_NO_TARGET = record(null, null, null);

  private static final List<Result> ALL =
      List.of(
          BARE,
          DEFENDED,
          OTHER_BARE,
          TRANSFERRED,
          BY_ANOTHER,
          WITH_JPEG,
          JPEG_ALONE,
          OF_NO_TARGET,
          BARE_OF_NO_TARGET);

  @TempDir private Path folder = Path.of("");

  private static Result record(
      @Nullable String name, @Nullable String target, @Nullable String defense) {
    Result r = SampleResults.result(name, null, null, 500);
    return new Result(
        r.task(),
        r.dataset(),
        r.split(),
        r.target(),
        name,
        null,
        null,
        r.metric(),
        r.value(),
        r.n(),
        new Interval(.4, .6),
        null,
        r.seconds(),
        r.provenance(),
        new Result.Weights(target, defense),
        List.of());
  }

  private static OwnResults both() {
    return new OwnResults(Optional.of(NET), Optional.of(G));
  }

  private static OwnResults defenseAlone() {
    return new OwnResults(Optional.empty(), Optional.of(G));
  }

  @Test
  void ofADefenseInFrontOfATargetAreThoseOfBothAndOfTheSameTargetBare() {
    assertThat(both().of(ALL)).containsExactly(BARE, DEFENDED);
  }

  @Test
  void ofADefenseAloneAreThoseInFrontOfAnyTarget() {
    assertThat(defenseAlone().of(ALL))
        .containsExactly(BARE, DEFENDED, OTHER_BARE, TRANSFERRED, OF_NO_TARGET);
    assertThat(defenseAlone().of(List.of(BARE, TRANSFERRED))).containsExactly(TRANSFERRED);
  }

  @Test
  void ofATargetAloneAreThoseWithoutADefense() {
    assertThat(new OwnResults(Optional.of(NET), Optional.empty()).of(ALL)).containsExactly(BARE);
  }

  @Test
  void whereNothingIsDefendedNothingIsOfADefense() {
    assertThat(both().of(List.of(BARE, OTHER_BARE, TRANSFERRED))).isEmpty();
    assertThat(defenseAlone().of(List.of(BARE, BY_ANOTHER))).isEmpty();
  }

  @Test
  void aFileOfOthersIsRefusedInOneLineAndOneOfSomeIsNoted() {
    Path file = folder.resolve("r.json");
    ResultsJson.write(file, ALL);
    List<String> notes = new ArrayList<>();
    assertThat(both().read(file, notes::add)).containsExactly(BARE, DEFENDED);
    assertThat(notes).containsExactly(file + ": 7 of 9 records are of other nets, and left out");

    ResultsJson.write(file, List.of(BARE, TRANSFERRED));
    assertThatThrownBy(() -> both().read(file, notes::add))
        .isInstanceOf(InputException.class)
        .hasMessage(
            file
                + " holds no results of this defense in front of this target: the SHA-256 sums in"
                + " its records are others");
  }

  @Test
  void othersBesideADefenseArePassedOver() throws IOException {
    Path defense = folder.resolve("defense.safetensors");
    List<String> names = List.of("results.json", "curves.json", "more.json");
    List<String> notes = new ArrayList<>();
    assertThat(both().beside(defense, names, notes::add)).isEmpty();

    ResultsJson.write(folder.resolve("results.json"), List.of(BARE, BY_ANOTHER));
    ResultsJson.write(folder.resolve("curves.json"), List.of(DEFENDED, TRANSFERRED));
    assertThat(both().beside(defense, names, notes::add)).containsExactly(DEFENDED);
    assertThat(notes).isEmpty();

    Files.writeString(folder.resolve("more.json"), "{}");
    assertThat(both().beside(defense, names, notes::add)).containsExactly(DEFENDED);
    assertThat(notes).singleElement().asString().startsWith("not used: ");
  }
}
