package io.realign.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.realign.evaluate.Result;
import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultsJsonTest {

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @Test
  void comesBackAsItWasWritten() {
    Path file = folder.resolve("run/results.json");
    ResultsJson.write(file, SampleResults.results());
    List<Result> read = ResultsJson.read(file);
    assertThat(read).hasSameSizeAs(SampleResults.results());
    assertThat(read.get(4).attack()).isEqualTo(SampleResults.PGD);
    assertThat(read.get(4).threat()).isEqualTo(SampleResults.results().get(4).threat());
    assertThat(read.get(4).provenance()).isEqualTo(SampleResults.results().get(4).provenance());
    assertThat(ResultsJson.text(read)).isEqualTo(ResultsJson.text(SampleResults.results()));
    assertThat(folder.resolve("run")).isDirectoryContaining("glob:**/results.json");
    assertThat(folder.resolve("run").toFile().list()).hasSize(1);
  }

  @Test
  void holdsTheFieldsOfTheContractInOrderWithNullsPresent() throws IOException {
    JsonNode records = new JsonMapper().readTree(ResultsJson.text(SampleResults.results()));
    assertThat(records.isArray()).isTrue();
    for (JsonNode record : records) {
      List<String> names = new ArrayList<>();
      record.fieldNames().forEachRemaining(names::add);
      assertThat(names)
          .containsExactly(
              "task",
              "dataset",
              "split",
              "target",
              "defense",
              "attack",
              "threat",
              "metric",
              "value",
              "n",
              "interval",
              "seconds",
              "seed",
              "commit",
              "machine",
              "versions",
              "weights");
    }
    JsonNode clean = records.get(0);
    assertThat(clean.get("attack").isNull()).isTrue();
    assertThat(clean.get("threat").isNull()).isTrue();
    assertThat(clean.get("defense").isNull()).isTrue();
    assertThat(clean.get("weights").get("defense").isNull()).isTrue();
    JsonNode attacked = records.get(5);
    assertThat(attacked.get("attack").get("name").textValue()).isEqualTo("pgd");
    assertThat(attacked.get("attack").get("parameters").get("step_size").doubleValue())
        .isEqualTo(0.0075);
    assertThat(attacked.get("threat").textValue()).isEqualTo("adaptive");
    assertThat(attacked.get("seed").longValue()).isEqualTo(1);
  }

  @Test
  void writesFloatsThatAreReadable() {
    String text = ResultsJson.text(SampleResults.results());
    assertThat(text)
        .contains(
            "\"value\": 0.603,", "\"interval\": [ 0.572336, 0.632875 ],", "\"seconds\": 12.345")
        .contains("\"value\": 0.0,")
        .doesNotContain("E-", "\r");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "value": 0.603    | "value": 1.603      | record 5: value must lie in [0,1]
          "value": 0.603    | "value": "0.603"    | record 5: value must be a number
          "n": 1000         | "n": 0              | record 1: n must be at least 1
          "oblivious"       | "blind"             | threat must be oblivious, adaptive, black-box or null
          "metric"          | "metrics"           | record 1 lacks metric
          "seed": 1         | "seed": 1, "x": 2   | record 1 has unknown fields: x
          "interval": [     | "interval": [ 3,    | interval must be [low, high]
          "target": "cifar  | "target": cifar     | is no JSON
          """)
  void namesWhatIsWrong(String before, String after, String message) throws IOException {
    Path file = folder.resolve("results.json");
    String text = ResultsJson.text(SampleResults.results());
    assertThat(text).contains(before);
    Files.writeString(file, text.replace(before, after));
    assertThatThrownBy(() -> ResultsJson.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("results.json")
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void namesAMissingFile() {
    assertThatThrownBy(() -> ResultsJson.read(folder.resolve("results.json")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("results.json is missing");
  }

  @Test
  void provenanceNamesCommitMachineAndVersions() {
    var provenance = Provenances.current(7);
    assertThat(provenance.seed()).isEqualTo(7);
    assertThat(provenance.commit()).matches("[0-9a-f]{40}(-dirty)?|unknown");
    assertThat(provenance.machine()).contains(" cores");
    assertThat(provenance.versions()).containsOnlyKeys("realign", "java", "pytorch", "os");
    assertThat(provenance.versions().get("pytorch")).startsWith("2.");
  }

  @Test
  void aFolderOutsideTheCheckoutHasNoCommit() {
    assertThat(Provenances.commit(folder)).isEmpty();
  }

  @Test
  void keepsTheDrawsOfARandomisedDefense() {
    Result plain = SampleResults.results().getFirst();
    Result drawn =
        new Result(
            plain.task(),
            plain.dataset(),
            plain.split(),
            plain.target(),
            "noise",
            null,
            null,
            plain.metric(),
            plain.value(),
            plain.n(),
            plain.interval(),
            new Result.Draws(10, .95, .925),
            plain.seconds(),
            plain.provenance(),
            plain.weights(),
            plain.classes());
    String text = ResultsJson.text(List.of(drawn));
    assertThat(ResultsJson.parse(text, "here").getFirst().draws()).isEqualTo(drawn.draws());
    assertThatThrownBy(() -> ResultsJson.parse(text.replace("majority", "most"), "here"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("draws");
  }

  @Test
  void keepsTheFiguresOfClasses() {
    Result told = SampleResults.byClass(SampleResults.results().getFirst());
    String text = ResultsJson.text(List.of(told));
    assertThat(text).contains("\"cat\": [ 0.4575, 500 ]");
    assertThat(ResultsJson.parse(text, "here").getFirst().classes()).isEqualTo(told.classes());
    assertThat(ResultsJson.text(SampleResults.results())).doesNotContain("classes");
  }

  @Test
  void classesOfOneNameBothGetALine() {
    Result.ClassFigure cat = new Result.ClassFigure("cat", .5, 2);
    Result told = SampleResults.results().getFirst().withClasses(List.of(cat, cat));
    assertThat(ResultsJson.parse(ResultsJson.text(List.of(told)), "here").getFirst().classes())
        .extracting(Result.ClassFigure::name)
        .containsExactly("cat", "cat 2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [ 0.4575, 500 ] | [ 0.4575 ]       | class cat must be [value, images]
          [ 0.4575, 500 ] | [ 0.4575, 5.5 ]  | class cat must be [value, images]
          [ 0.4575, 500 ] | 3                | class cat must be [value, images]
          [ 0.4575, 500 ] | [ 1.4575, 500 ]  | must have a value in [0,1]
          [ 0.4575, 500 ] | [ 0.4575, -1 ]   | no fewer images than none
          """)
  void refusesFiguresOfClassesThatAreNone(String right, String wrong, String message) {
    Result told = SampleResults.byClass(SampleResults.results().getFirst());
    String text = ResultsJson.text(List.of(told)).replaceFirst(Pattern.quote(right), wrong);
    assertThatThrownBy(() -> ResultsJson.parse(text, "here"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }
}
