package io.realign.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.data.Cached;
import io.realign.data.Dataset;
import io.realign.data.Part;
import io.realign.data.Scenes;
import io.realign.data.Subset;
import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.io.Yaml;
import io.realign.nn.StateDict;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Compute.Precision;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TargetTrainingTest {

  private static final Dataset TRAIN = scenes(Part.TRAIN, 160);
  private static final Dataset VALIDATION = scenes(Part.TEST, 40);

  @TempDir Path folder = Path.of("");

  private static Dataset scenes(Part part, int count) {
    return new Cached(Subset.first(Scenes.standard(32, part), count));
  }

  private static TargetConfig config(long steps, double learningRate, Precision precision) {
    return new TargetConfig(
        "scenes-net",
        "scenes",
        32,
        10,
        TRAIN.size(),
        VALIDATION.size(),
        TargetConfig.Optimiser.oneCycle(learningRate, 5e-4, steps),
        0,
        .1,
        true,
        16,
        2,
        3,
        1,
        precision);
  }

  private static boolean run(
      TargetConfig config, Path out, boolean resume, Listener watcher, BooleanSupplier stop) {
    return TargetTraining.run(
        config,
        new TargetTraining.Inputs(
            TRAIN, VALIDATION, new Compute(Compute.Kind.CPU, config.precision())),
        out,
        resume,
        Duration.ofDays(1),
        List.of(watcher),
        stop);
  }

  private static boolean run(TargetConfig config, Path out) {
    return run(config, out, false, new Listener() {}, () -> false);
  }

  /** What the net does with the images it is trained on, by step. */
  private static final class Losses implements Listener {
    final List<Double> values = new ArrayList<>();

    @Override
    public void stepped(Progress progress) {
      values.add(progress.losses().get("total"));
    }

    double mean(int from, int to) {
      return values.subList(from, to).stream().mapToDouble(v -> v).average().orElseThrow();
    }
  }

  @Test
  void learns() {
    Losses losses = new Losses();
    assertThat(run(config(60, .1, Precision.FP32), folder, false, losses, () -> false)).isTrue();
    assertThat(losses.mean(0, 3)).isBetween(2.1, 2.9); // about ln 10
    assertThat(losses.mean(57, 60)).isLessThan(2);
  }

  @Test
  void computesInBfloat16WhatItComputesInFloat() {
    Losses exact = new Losses();
    run(config(1, .1, Precision.FP32), folder.resolve("fp32"), false, exact, () -> false);
    Losses rounded = new Losses();
    run(config(1, .1, Precision.BF16), folder.resolve("bf16"), false, rounded, () -> false);
    assertThat(rounded.values.getFirst())
        .isNotEqualTo(exact.values.getFirst())
        .isCloseTo(exact.values.getFirst(), within(.02));
  }

  @Test
  void goesOnToTheSameWeightsBitByBit() throws Exception {
    TargetConfig config = config(8, .1, Precision.FP32);
    run(config, folder.resolve("undisturbed"));
    Path out = folder.resolve("interrupted");
    for (int stopAt : new int[] {2, 5}) {
      Losses seen = new Losses();
      boolean done = run(config, out, true, seen, () -> seen.values.size() == stopAt - seenIn(out));
      assertThat(done).isFalse();
    }
    assertThat(run(config, out, true, new Listener() {}, () -> false)).isTrue();
    for (String file : List.of(TargetTraining.TARGET, TargetTraining.CHECKPOINT)) {
      assertThat(weights(out.resolve(file)))
          .as(file)
          .isEqualTo(weights(folder.resolve("undisturbed").resolve(file)));
    }
    assertThat(lossesIn(out)).isEqualTo(lossesIn(folder.resolve("undisturbed")));
  }

  private static long seenIn(Path out) {
    Path checkpoint = out.resolve(TargetTraining.CHECKPOINT);
    return Files.exists(checkpoint) ? Checkpoint.read(checkpoint).step() : 0;
  }

  /** A hash of each net's tensors; the optimiser's archive holds addresses, which differ. */
  private static Map<String, Integer> weights(Path file) {
    Map<String, Integer> hashes = new TreeMap<>();
    Safetensors.read(file)
        .entries()
        .forEach(
            entry -> hashes.put(entry.getKey(), Arrays.hashCode(Ops.toFloats(entry.getValue()))));
    hashes.keySet().removeIf(name -> name.startsWith("optimiser."));
    return hashes;
  }

  private static List<String> lossesIn(Path out) throws Exception {
    return Files.readAllLines(out.resolve("metrics.jsonl")).stream()
        .map(line -> line.replaceAll("\"seconds.*learning_rate", ""))
        .toList();
  }

  @Test
  void leavesATargetThatScoresWhatItSays() {
    Map<String, Double> best = new HashMap<>();
    run(
        config(9, .1, Precision.FP32),
        folder,
        false,
        new Listener() {
          @Override
          public void validated(long step, Map<String, Double> figures, boolean isBest) {
            best.merge("accuracy", figures.getOrDefault("accuracy", 0.0), Math::max);
          }
        },
        () -> false);
    var target = Targets.load("scenes-net@" + folder.resolve(TargetTraining.TARGET), Compute.CPU);
    assertThat(CleanScore.of(target, VALIDATION, Compute.CPU)).isEqualTo(best.get("accuracy"));
    assertThat(Yaml.read(folder.resolve("config.yaml"), TargetConfig.class))
        .isEqualTo(config(9, .1, Precision.FP32));
  }

  @Test
  void startsFromWhatAFileHasOfTheNet() {
    run(config(3, .1, Precision.FP32), folder);
    Path trained = folder.resolve(TargetTraining.TARGET);
    StateDict all = Safetensors.read(trained);
    StateDict part = new StateDict(); // other names in front, one tensor of another shape
    all.entries().stream()
        .filter(entry -> !entry.getKey().startsWith("linear"))
        .forEach(entry -> part.put(entry.getKey(), entry.getValue()));
    part.put("linear.weight", Ops.floats(new float[80], 1, 80));
    Path file = folder.resolve("start.safetensors");
    Safetensors.write(file, part, Map.of());
    StateDict net = Targets.trainable("scenes-net", 10, Seed.of(9), Compute.CPU).params().dict();
    float[] last = Ops.toFloats(net.get("linear.weight"));
    Start start = Start.read(file, UnaryOperator.identity());
    assertThat(start.fitting(net)).hasSize(net.names().size() - 2).doesNotContain("linear.bias");
    start.into(net);
    assertThat(Ops.toFloats(net.get("conv1.weight")))
        .isEqualTo(Ops.toFloats(all.get("conv1.weight")));
    assertThat(Ops.toFloats(net.get("linear.weight"))).isEqualTo(last);
    Start renamed =
        Start.read(
            file,
            weights -> {
              StateDict own = new StateDict(); // as if another program had trained it
              weights
                  .entries()
                  .forEach(entry -> own.put("theirs." + entry.getKey(), entry.getValue()));
              return own;
            });
    assertThat(renamed.weights().names()).contains("theirs.conv1.weight");
    StateDict other = new StateDict();
    other.put("conv9.weight", Ops.floats(new float[1], 1));
    assertThatThrownBy(() -> start.fitting(other))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("holds no tensor with a name and a shape of this net");
  }

  @Test
  void stopsAtALossThatIsNoNumber() {
    assertThatThrownBy(() -> run(config(40, 1e30, Precision.FP32), folder))
        .isInstanceOf(TrainingFailure.class)
        .hasMessageMatching("loss term 'total' is (NaN|-?Infinity) at step \\d+; .*");
  }

  @Test
  void refusesTheCheckpointOfAnotherConfiguration() {
    run(config(1, .1, Precision.FP32), folder);
    assertThatThrownBy(
            () -> run(config(2, .1, Precision.FP32), folder, true, new Listener() {}, () -> false))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("another configuration");
  }

  @Test
  void namesWhatAConfigurationMayNotBe() {
    assertThatThrownBy(() -> TargetConfig.Optimiser.oneCycle(0, 5e-4, 10))
        .hasMessage("the learning rate must be above 0, not 0.0");
    assertThatThrownBy(() -> TargetConfig.Optimiser.oneCycle(.1, -1, 10))
        .hasMessage("weight decay must not be negative: -1.0");
  }
}
