package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.CompactGenerator;
import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.io.Checksum;
import io.realign.io.Safetensors;
import io.realign.io.Yaml;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an exported file says of its making, of the target inside, and of what was measured. */
final class ExportMetadataTest {

  private static final String OTHER = "0".repeat(64);

  @TempDir private Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path defense = Path.of("");
  private Path net = Path.of("");

  @BeforeEach
  void makeFiles() {
    net = folder.resolve("net.safetensors");
    Targets.trainable("cifar-resnet8", 3, Seed.of(1), Compute.CPU).save(net);
    defense = folder.resolve("defense.safetensors");
    writeDefense(Checksum.sha256(net));
  }

  private void writeDefense(String trainedFor) {
    try (Scope scope = Scope.open()) {
      List<Double> halves = List.of(.5, .5, .5);
      Generator generator =
          new CompactGenerator.Config(4, 1, 0, 0, .1, halves, halves)
              .create(Seed.of(1), Compute.CPU);
      DefenseFile.write(
          defense,
          generator.config(),
          generator.params().dict(),
          Map.of(
              "target",
              "cifar-resnet8@made.safetensors",
              "target_sha256",
              trainedFor,
              "class_names",
              "[\"x\",\"y\",\"z\"]",
              "trained_size",
              "32x32"));
    }
  }

  private int export(String name, String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("export", defense.toString(), "--out", folder.resolve(name).toString()));
    args.addAll(List.of(more));
    return Main.run(args.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
  }

  private void exported(String name, String... more) {
    assertThat(export(name, more)).as(err.toString()).isEqualTo(ExitCode.DONE);
  }

  private String target() {
    return "cifar-resnet8@" + net;
  }

  @SuppressWarnings("unchecked")
  private Map<String, String> metadata(String name) {
    if (name.endsWith(".safetensors")) {
      return Safetensors.readMetadata(folder.resolve(name));
    }
    ExtraFilesMap extra = new ExtraFilesMap();
    BytePointer key = new BytePointer("realign.json");
    extra.put(key, "");
    torch.load(folder.resolve(name).toString(), new DeviceOptional(), extra);
    return Yaml.readJson(extra.get(key).getString(), Map.class, name);
  }

  private static String record(
      @Nullable String name, @Nullable String target, @Nullable String defense) {
    return """
    {"task": "classification", "dataset": "scenes", "split": "test", "target": "cifar-resnet8",
      "defense": %s, "attack": null, "threat": null, "metric": "accuracy",
      "value": 0.5, "n": 10, "interval": [0.2, 0.8], "seconds": 1.0, "seed": 0, "commit": "c",
      "machine": "m", "versions": {"java": "25"}, "weights": {"target": %s, "defense": %s}}
    """
        .formatted(quoted(name), quoted(target), quoted(defense));
  }

  private static String quoted(@Nullable String text) {
    return text == null ? "null" : '"' + text + '"';
  }

  private String results(String name, String... records) throws IOException {
    return Files.writeString(folder.resolve(name), "[" + String.join(",", records) + "]")
        .toString();
  }

  /** Bare, defended, defended before another target, by another defense. */
  private String[] records() {
    String own = Checksum.sha256(defense);
    String sum = Checksum.sha256(net);
    return new String[] {
      record(null, sum, null),
      record("g", sum, own),
      record("transferred", OTHER, own),
      record("other", sum, OTHER)
    };
  }

  @Test
  void theNetThatTheDefenseWasMadeForIsToldWithItsClasses() {
    exported("both.pt", "--target", target());
    assertThat(err.toString()).doesNotContain("note:");
    assertThat(metadata("both.pt"))
        .containsEntry("class_names", "[\"x\",\"y\",\"z\"]")
        .containsEntry("target", "cifar-resnet8@made.safetensors")
        .containsEntry("target_inside", "cifar-resnet8@net.safetensors")
        .containsEntry("target_inside_sha256", Checksum.sha256(net))
        .containsEntry("trained_size", "32x32")
        .doesNotContainKey("results");
  }

  @Test
  void anotherNetIsNotedAndHasNoneOfTheClasses() {
    writeDefense(OTHER);
    exported("both.pt", "--target", target());
    assertThat(err.toString())
        .containsOnlyOnce("note: ")
        .contains(
            "note: defense.safetensors was trained for another net"
                + " (cifar-resnet8@made.safetensors, SHA-256 00000000…)");
    assertThat(metadata("both.pt"))
        .containsEntry("target_inside_sha256", Checksum.sha256(net))
        .containsEntry("target_sha256", OTHER)
        .doesNotContainKey("class_names");
  }

  @Test
  void aTargetThatKnowsItsClassesNamesThem() throws IOException {
    exported("both.pt", "--trust-script", "--target", ScriptNet.write(folder).toString());
    assertThat(metadata("both.pt"))
        .containsEntry("class_names", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\"]")
        .containsEntry("target_inside", "net.yaml");
  }

  @Test
  void onlyResultsOfWhatIsExportedGoIntoIt() throws IOException {
    String file = results("r.json", records());
    exported("both.pt", "--target", target(), "--results", file);
    assertThat(err.toString()).contains("note: " + file + ": 2 of 4 records are of other nets");
    assertThat(metadata("both.pt").get("results"))
        .contains("\"defense\": null", "\"defense\": \"g\"")
        .doesNotContain("transferred", "other");

    exported("g.safetensors", "--results", file);
    assertThat(metadata("g.safetensors").get("results"))
        .contains("\"defense\": null", "\"g\"", "\"transferred\"")
        .doesNotContain("other");
  }

  @Test
  void resultsOfOtherNetsAreRefused() throws IOException {
    String[] all = records();
    String others = results("r.json", all[0], all[2], all[3]);
    assertThat(export("both.pt", "--target", target(), "--results", others))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().strip())
        .endsWith(
            others
                + " holds no results of this defense in front of this target: the SHA-256 sums in"
                + " its records are others");
    String unsaid = results("unsaid.json", record("g", null, Checksum.sha256(defense)));
    assertThat(export("both.pt", "--target", target(), "--results", unsaid))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(folder.resolve("both.pt")).doesNotExist();
  }

  @Test
  void resultsBesideTheDefenseAreTakenUnlessTheyAreNotWanted() throws IOException {
    results("results.json", records());
    exported("taken.safetensors");
    assertThat(err.toString())
        .contains(
            "note: 3 records of %s go into the metadata; --no-results leaves them out"
                .formatted(folder.resolve("results.json")));
    assertThat(metadata("taken.safetensors")).containsKey("results");

    exported("left.safetensors", "--no-results");
    assertThat(metadata("left.safetensors")).doesNotContainKey("results");

    String[] again = {
      "export",
      folder.resolve("taken.safetensors").toString(),
      "--no-results",
      "--out",
      folder.resolve("again.safetensors").toString()
    };
    assertThat(Main.run(again, new PrintWriter(out), new PrintWriter(err)))
        .isEqualTo(ExitCode.DONE);
    assertThat(metadata("again.safetensors")).doesNotContainKey("results");

    results("results.json", record("other", OTHER, OTHER));
    err.getBuffer().setLength(0);
    exported("others.safetensors");
    assertThat(metadata("others.safetensors")).doesNotContainKey("results");
    assertThat(err.toString()).doesNotContain("note:");

    assertThat(export("x.safetensors", "--no-results", "--results", "results.json"))
        .isEqualTo(ExitCode.WRONG_INPUT);
  }
}
