package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.report.ResultsJson;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a model: which results are shown with it, and what is said of them. */
final class ModelSourceTest {

  private static final String OTHER = "f".repeat(64);

  @TempDir private Path folder = Path.of("");

  private final List<String> notes = new ArrayList<>();
  private Path defense = Path.of("");
  private Path net = Path.of("");
  private String netSum = "";
  private String defenseSum = "";

  @BeforeEach
  void makeFiles() {
    defense = folder.resolve("defense.safetensors");
    net = folder.resolve("net.safetensors");
    Targets.trainable("cifar-resnet8", 10, Seed.of(1), Compute.CPU).save(net);
    netSum = Checksum.sha256(net);
    writeDefense(netSum);
  }

  private void writeDefense(String trainedFor) {
    Generator generator = TestModels.defense().generator();
    DefenseFile.write(
        defense,
        generator.config(),
        generator.params().dict(),
        Map.of("target", "cifar-resnet8@made.safetensors", "target_sha256", trainedFor));
    defenseSum = Checksum.sha256(defense);
  }

  private static Result record(@Nullable String name, String target, @Nullable String defense) {
    return new Result(
        "classification",
        "scenes",
        "test",
        "cifar-resnet8",
        name,
        null,
        null,
        "accuracy",
        .5,
        10,
        new Interval(.2, .8),
        null,
        1,
        new Result.Provenance(0, "c", "m", Map.of()),
        new Result.Weights(target, defense),
        List.of());
  }

  private ServedModel load(Optional<Path> results) {
    return new ModelSource(
            "small",
            Optional.of(new TargetName("cifar-resnet8@" + net)),
            Optional.of(defense),
            List.of(),
            results)
        .load(Trust.DATA_ONLY, Compute.CPU, notes::add);
  }

  private Path write(String name, Result... records) {
    Path file = folder.resolve(name);
    ResultsJson.write(file, List.of(records));
    return file;
  }

  @Test
  void resultsBesideTheDefenseAreUsedAsFarAsTheyAreOfTheModel() {
    Result bare = record(null, netSum, null);
    Result own = record("g", netSum, defenseSum);
    write("results.json", bare, record(null, OTHER, null), own, record("g", OTHER, defenseSum));
    write("curves.json", bare, record("g", netSum, OTHER));
    assertThat(load(Optional.empty()).results()).containsExactly(bare, own);
    assertThat(notes).isEmpty();
  }

  @Test
  void resultsThatAreNamedMustHoldSomeOfTheModel() {
    Result own = record("g", netSum, defenseSum);
    Path some = write("some.json", own, record("g", OTHER, defenseSum));
    assertThat(load(Optional.of(some)).results()).containsExactly(own);
    assertThat(notes)
        .containsExactly("small: " + some + ": 1 of 2 records are of other nets, and left out");

    Path none = write("none.json", record(null, netSum, null), record("g", OTHER, defenseSum));
    assertThatThrownBy(() -> load(Optional.of(none)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(none + " holds no results of this defense in front of this target");
  }

  @Test
  void aTargetThatTheDefenseWasNotTrainedForIsNoted() {
    writeDefense(OTHER);
    load(Optional.empty());
    assertThat(notes)
        .containsExactly(
            "small: defense.safetensors was trained for another net"
                + " (cifar-resnet8@made.safetensors,"
                + " SHA-256 ffffffff…) than this one (%s…), which it may protect less"
                    .formatted(netSum.substring(0, 8)));
  }
}
