package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.evaluate.Result;
import io.realign.evaluate.Sweep;
import io.realign.report.ResultsJson;
import io.realign.serve.Batching;
import io.realign.serve.Limits;
import io.realign.serve.ModelSource;
import io.realign.serve.ServedModel;
import io.realign.serve.Service;
import io.realign.serve.ServiceConfig;
import io.realign.target.Architectures;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that measure, on scenes and untrained nets. */
final class EvaluateCommandTest {

  private static Path files = Path.of("");

  @TempDir private Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void makeNets(@TempDir Path made) {
    files = made;
    Untrained.target(target());
    Untrained.defense(defense());
  }

  private static Path target() {
    return files.resolve("net.safetensors");
  }

  private static Path defense() {
    return files.resolve("defense.safetensors");
  }

  private int run(String... args) {
    return Main.run(args, new PrintWriter(out), new PrintWriter(err));
  }

  private int evaluate(String... more) {
    return run(arguments(more));
  }

  private static String[] arguments(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "evaluate",
                "--target",
                "scenes-net@" + target(),
                "--data",
                "scenes",
                "--limit",
                "6"));
    args.addAll(List.of(more));
    return args.toArray(String[]::new);
  }

  @Test
  void writesResultsAndAReport() throws IOException {
    Path to = folder.resolve("measured");
    assertThat(
            evaluate(
                "--defense", defense().toString(), "--attacks", "fgsm", "--out", to.toString()))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    List<Result> results = ResultsJson.read(to.resolve("results.json"));
    assertThat(results).hasSize(6);
    assertThat(results).extracting(Result::n).containsOnly(6L);
    assertThat(results)
        .extracting(Result::defense)
        .containsExactly(
            null, null, null, "defense.safetensors", "defense.safetensors", "defense.safetensors");
    assertThat(Files.readString(to.resolve("report.html")))
        .contains("Feature space", "scenes-net@net.safetensors")
        .doesNotContain(files.toString());
    assertThat(out.toString()).contains("no defense", "clean", "report: " + to);
  }

  /** The net, how it is scored, and what it is attacked with where nobody says so. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "deeplabv3-compact:48|11|bim,seg-js|mIoU|",
        "ssd-compact-64|10|cls,cls+loc,loc|mAP|",
        "ssd-compact-64|10|cls,cls+loc,loc|mAP (11 points)|11-point",
      })
  void masksAndBoxesHaveTheirOwnAttacksAndMetrics(
      String architecture, int classes, String attacks, String metric, @Nullable String form)
      throws IOException {
    Path net = folder.resolve("net.safetensors");
    Targets.trainable(
            Architectures.of(architecture.split(":", -1)[0]), classes, Seed.of(1), Compute.CPU)
        .save(net);
    List<String> args = new ArrayList<>(List.of("evaluate", "--target", architecture + "@" + net));
    args.addAll(List.of("--data", "scenes", "--limit", "2", "--probe", "0"));
    args.addAll(List.of("--threats", "oblivious", "--out", folder.resolve("to").toString()));
    if (form != null) {
      args.addAll(List.of("--average-precision", form));
    }
    assertThat(run(args.toArray(String[]::new))).as(err.toString()).isEqualTo(ExitCode.DONE);
    List<Result> results = ResultsJson.read(folder.resolve("to/results.json"));
    assertThat(results).extracting(Result::metric).containsOnly(metric);
    List<Result.AttackCell> used =
        results.stream().map(Result::attack).filter(Objects::nonNull).toList();
    assertThat(used.stream().map(Result.AttackCell::name).sorted())
        .containsExactly(attacks.split(",", -1));
    for (Result.AttackCell attack : used) {
      if (attack.name().equals("bim")) { // the paper's for masks
        assertThat(attack.parameters())
            .containsEntry("epsilon", .03)
            .containsEntry("step_size", .01)
            .containsEntry("steps", 4);
      }
    }
  }

  @Test
  void leavesAFolderThatHoldsSomethingAlone() throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "mine");
    assertThat(evaluate("--attacks", "fgsm", "--out", folder.toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines()).hasSize(1).allMatch(l -> l.contains("--overwrite"));
    assertThat(folder.toFile().list()).containsExactly("mine.txt");
    assertThat(evaluate("--attacks", "fgsm", "--overwrite", "--out", folder.toString()))
        .isEqualTo(ExitCode.DONE);
    assertThat(folder.resolve("mine.txt")).hasContent("mine");
  }

  @Test
  void stopsWhileItLooksForMaskingAndGoesOn() {
    PrintWriter interrupting =
        new PrintWriter(err) {
          @Override
          public void println(String line) {
            super.println(line);
            if (line.startsWith("looking for ")) {
              try {
                InterruptionTest.raise();
                while (!err.toString().contains("stopping")) {
                  Thread.sleep(5);
                }
              } catch (ReflectiveOperationException | InterruptedException e) {
                throw new AssertionError(e);
              }
            }
          }
        };
    String[] args = arguments("--attacks", "fgsm", "--out", folder.toString());
    assertThat(Main.run(args, new PrintWriter(out), interrupting)).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(err.toString()).contains("stopped; the same command goes on where it was");
    assertThat(folder.resolve("report.html")).doesNotExist();
    assertThat(run(args)).as(err.toString()).isEqualTo(ExitCode.DONE);
    assertThat(folder.resolve("report.html")).exists();
  }

  @Test
  void aGateThatIsMissedIsExitCodeOne() {
    assertThat(
            evaluate(
                "--attacks",
                "fgsm",
                "--out",
                folder.toString(),
                "--fail-under",
                "clean=0",
                "--fail-under",
                "fgsm:oblivious=100%"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err.toString().lines().filter(line -> !line.startsWith("looking for ")))
        .hasSize(1)
        .allMatch(line -> line.startsWith("realign: --fail-under: fgsm oblivious is "));
    assertThat(folder.resolve("results.json")).exists();
    assertThat(folder.resolve("masking.json")).content().contains("no_gradient");
    assertThat(folder.resolve("samples.csv"))
        .content()
        .startsWith("index,label,defense,attack,threat,predicted,right,value,rate,change\n");
    assertThat(folder.resolve("samples.jsonl")).content().contains("\"attack\":\"fgsm\"");
    assertThat(folder.resolve("attacked")).doesNotExist();
  }

  @Test
  void drawsCurvesLeadsToAClassAndAttacksInBfloat16() throws Exception {
    assertThat(
            evaluate(
                "--defense",
                defense().toString(),
                "--attacks",
                "fgsm",
                "--goal",
                "3",
                "--precision",
                "bf16",
                "--curves",
                "2",
                "--probe",
                "0",
                "--out",
                folder.toString()))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    List<Result> curves = ResultsJson.read(folder.resolve("curves.json"));
    assertThat(curves).hasSize(2 + 4 * Sweep.attacks().size());
    assertThat(folder.resolve("report.html"))
        .content()
        .contains("Radius and steps", "Accuracy over ε (20 steps)", "defended, adaptive");
    assertThat(folder.resolve("results.json")).content().contains("\"goal\": \"3\"");
    try (var left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("attacked"));
    }
    String points = "\"points\":[{\"epsilon\":0.0,";
    assertThat(curvesWhenServed(folder.resolve("curves.json")))
        .contains(
            "\"threat\":\"oblivious\"", "\"threat\":\"adaptive\"", "\"steps\":\"20\"", points);
  }

  /** What the page of {@code serve --results} draws; every record is of the model. */
  private static String curvesWhenServed(Path curves) throws Exception {
    List<String> notes = new ArrayList<>();
    ServedModel model =
        new ModelSource(
                "default",
                Optional.of(new TargetName("scenes-net@" + target())),
                Optional.of(defense()),
                List.of(),
                Optional.of(curves))
            .load(Trust.DATA_ONLY, Compute.CPU, notes::add);
    assertThat(notes).isEmpty();
    ServiceConfig config =
        new ServiceConfig(
            "127.0.0.1", 0, Optional.empty(), Limits.standard(), Batching.standard(1), true);
    try (Service service = Service.start(config, List.of(model), Throwable::printStackTrace);
        HttpClient http = HttpClient.newHttpClient()) {
      URI address = URI.create(service.url() + "/v1/models/default/curves");
      return http.send(
              HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void aTargetThatTheDefenseWasNotTrainedForIsNoted() {
    Path other = folder.resolve("other.safetensors");
    Generator generator = DefenseFile.read(defense(), Compute.CPU).generator();
    DefenseFile.write(
        other,
        generator.config(),
        generator.params().dict(),
        Map.of("target", "wrn-10-1@w.pth", "target_sha256", "0".repeat(64)));
    assertThat(
            evaluate(
                "--defense",
                other.toString(),
                "--attacks",
                "fgsm",
                "--threats",
                "oblivious",
                "--out",
                folder.resolve("measured").toString()))
        .as(err.toString())
        .isEqualTo(ExitCode.DONE);
    assertThat(err.toString())
        .contains("note: other.safetensors was trained for another net (wrn-10-1@w.pth, SHA-256");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--attacks|pdg|unknown attack 'pdg'",
        "--goal|cat|unknown goal 'cat'",
        "--goal|10|the target has the classes 0 to 9",
        "--score-draws|0|must be scored at least once",
        "--curves|-1|--curves",
        "--average-precision|12-point|11-point or area, not 12-point",
        "--epsilon|-1|epsilon must be positive",
        "--threats|both|unknown threat 'both'",
        "--defense|gone.safetensors|gone.safetensors",
        "--norm|l3|unknown norm 'l3'",
        "--split|tset|unknown split 'tset'",
        "--fail-under|pgd=3|ATTACK:THREAT=VALUE",
        "--fail-under|bim:oblivious=0.3|--attacks",
        "--device|tpu|unknown device 'tpu'",
      })
  void wrongInputIsOneLineAndNothingWritten(String option, String value, String message) {
    Path to = folder.resolve("none");
    List<String> args = new ArrayList<>(List.of(option, value, "--out", to.toString()));
    if (!option.equals("--attacks")) {
      args.addAll(List.of("--attacks", "pgd"));
    }
    assertThat(evaluate(args.toArray(String[]::new))).isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString().lines()).hasSize(1).allMatch(line -> line.contains(message));
    assertThat(to).doesNotExist();
  }

  @Test
  void aTargetIsNoDefense() {
    assertThat(evaluate("--defense", target().toString(), "--out", folder.resolve("x").toString()))
        .isEqualTo(ExitCode.WRONG_INPUT);
    assertThat(err.toString()).contains("not a defense");
  }
}
