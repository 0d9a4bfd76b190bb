package io.realign.export;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.realign.align.CompactGenerator;
import io.realign.align.GeneratorConfig;
import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.target.Architecture;
import io.realign.target.Architectures;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Exported nets in Python's torch and ONNX Runtime: {@code -Dpeers.onnx.python=EXECUTABLE} that has
 * torch, onnx and onnxruntime.
 */
@Tag("peers")
class PythonTest {

  private static final int IMAGES = 64;
  private static final List<Double> MEAN = List.of(.485, .456, .406);
  private static final List<Double> DEVIATION = List.of(.229, .224, .225);

  @TempDir private Path folder;

  /** Of nets of very different sizes, the process would hold the most of each. */
  @AfterEach
  void trim() {
    Scope.trim();
  }

  @Test
  void everyGeneratorRepairsTheSame64Images() throws Exception {
    List<GeneratorConfig> configs = ExportedNetTest.generators().toList();
    for (int i = 0; i < configs.size(); i++) {
      try (Scope scope = Scope.open()) {
        ExportedNet net =
            ExportedNet.of(ExportedNetTest.purifier(configs.get(i)), Optional.empty(), Map.of());
        // on images below 32², whose last maps are a pixel, the optimiser of torch 1.13 crashes
        save("generator-" + i, net, IMAGES, i % 2 == 0 ? 32 : 33, 40);
      }
    }
    assertAgreement(configs.size());
  }

  @ParameterizedTest
  @CsvSource({
    "cifar-resnet20, 10",
    "wrn-16-2, 10",
    "resnet18, 1000",
    "resnet50, 1000",
    "resnet50-cifar, 10",
    "resnet50-64, 200",
    "cifar-adv-resnet2b, 10",
    "cifar-adv-cnn-a, 10",
    "scenes-net, 10",
    "mobilenet-v2, 1001",
    "deeplabv3-compact, 21",
    "deeplabv3-mobilenet-v2, 21",
    "ssd-compact-128, 20",
    "ssd-mobilenet-v1, 20",
    "deeplabv3-resnet50:129, 21",
    "deeplabv3-resnet50-torchvision:129, 21",
    "pspnet-resnet50:185, 21",
    "ssd300-vgg16, 20",
    "ssd300-vgg16-torchvision, 90",
    "rfbnet300-vgg16, 20",
  })
  void everyArchitectureBehindAGeneratorSaysTheSame(String name, int classes) throws Exception {
    int colon = name.indexOf(':');
    Architecture architecture = Architectures.of(colon < 0 ? name : name.substring(0, colon));
    if (colon > 0) {
      architecture = architecture.forImages(Integer.parseInt(name.substring(colon + 1)));
    }
    GeneratorConfig config = new CompactGenerator.Config(8, 1, 1, 1, .1, MEAN, DEVIATION);
    try (Scope scope = Scope.open()) {
      Target target = Targets.trainable(architecture, classes, Seed.of(1), Compute.CPU).freeze();
      ExportedNet net =
          ExportedNet.of(ExportedNetTest.purifier(config), Optional.of(target), Map.of());
      save("net", net, IMAGES, target.imageSize(), target.imageSize());
    }
    assertAgreement(1);
  }

  /** The defenses under results/, alone and in front of the nets that they were trained for. */
  @ParameterizedTest
  @CsvSource({
    "cifar10-resnet20, '', 32",
    "voc-segmentation, '', 97",
    "voc-detection, '', 300",
    "cifar10-resnet20, cifar-resnet20@WEIGHTS/cifar10_resnet20.safetensors, 32",
    "voc-segmentation, deeplabv3-mobilenet-v2@RESULTS/voc-segmentation/target.safetensors, 129",
    "voc-detection, ssd-mobilenet-v1@WEIGHTS/ssd_mobilenet_v1_coco_300_deq.safetensors, 300",
  })
  void committedDefensesDoTheSameTo64Images(String run, String target, int side) throws Exception {
    Path results = Path.of("../results");
    try (Scope scope = Scope.open()) {
      Optional<Target> net =
          Optional.of(target)
              .filter(named -> !named.isEmpty())
              .map(named -> named.replace("RESULTS", results.toString()))
              .map(named -> named.contains("WEIGHTS") ? named.replace("WEIGHTS", weights()) : named)
              .map(named -> Targets.load(named, Compute.CPU));
      Path defense = results.resolve(run).resolve("defense.safetensors");
      save("net", ExportedNet.read(defense, net), IMAGES, side, side);
    }
    assertAgreement(1);
  }

  /** Programs that Python wrote, of modules that share nothing with ours. */
  @ParameterizedTest
  @ValueSource(strings = {"resnet20", "deeplab", "ssd"})
  void foreignProgramsBehindAGeneratorSayTheSame(String name) throws Exception {
    Path programs = folder.resolve("programs");
    Path script = Path.of("..", "bench", "peers", "torchscript.py").toAbsolutePath();
    printed(
        System.getProperty("peers.python", "python3"),
        script.toString(),
        "--out",
        programs.toString(),
        "--weights",
        weights());
    GeneratorConfig config = new CompactGenerator.Config(8, 1, 1, 1, .1, MEAN, DEVIATION);
    try (Scope scope = Scope.open()) {
      TargetName named = new TargetName(programs.resolve(name + ".yaml").toString());
      Target target = Targets.load(named, Trust.SCRIPTS, Compute.CPU);
      ExportedNet net =
          ExportedNet.of(ExportedNetTest.purifier(config), Optional.of(target), Map.of());
      int side = target.imageSize();
      save(Files.createDirectories(folder.resolve("nets/net")), net, IMAGES, side, side);
    }
    JsonNode found = checked(folder.resolve("nets"));
    assertThat(found).hasSize(1);
    assertThat(found.get("net")).hasSize(1);
    assertThat(found.get("net").required("torch").doubleValue()).isLessThan(Parity.TOLERANCE);
  }

  private static String weights() {
    String folder = System.getProperty("real.data");
    if (folder == null) {
      throw new IllegalStateException("set -Dreal.data=FOLDER to the unpacked real data");
    }
    return Path.of(folder, "weights").toString();
  }

  @Test
  void goldensAreStillWhatPythonSays() throws Exception {
    try (Scope scope = Scope.open()) {
      GoldenNets.write(folder);
      Path made = folder.resolve("goldens.safetensors");
      run("make_goldens.py", folder.toString(), made.toString());
      StateDict golden = GoldenOutputsTest.goldens();
      StateDict today = Safetensors.read(made);
      assertThat(today.names()).isEqualTo(golden.names());
      for (String name : golden.names()) {
        assertThat(Parity.difference(golden.get(name), today.get(name)))
            .as(name)
            .isLessThan(Parity.TOLERANCE);
      }
    }
  }

  private void save(String name, ExportedNet net, int images, int height, int width)
      throws IOException {
    Path into = Files.createDirectory(folder.resolve(name));
    save(into, net, images, height, width);
    net.write(into.resolve("net.onnx"), ExportFormat.ONNX, Map.of(), (done, total) -> {});
  }

  private static void save(Path into, ExportedNet net, int images, int height, int width) {
    net.write(into.resolve("net.pt"), ExportFormat.TORCHSCRIPT, Map.of(), (done, total) -> {});
    Safetensors.write(into.resolve("ours.safetensors"), ours(net, images, height, width), Map.of());
  }

  /** The images and the outputs; a few at a time. */
  private static StateDict ours(ExportedNet net, int images, int height, int width) {
    StateDict all = new StateDict();
    Tensor x = Seed.of(7).uniform(0, 1, images, 3, height, width);
    List<SequencedMap<String, Tensor>> parts = new ArrayList<>();
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int from = 0; from < images; from += 4) {
        try (Scope batch = Scope.open()) {
          SequencedMap<String, Tensor> part = net.forward(x.narrow(0, from, 4));
          part.values().forEach(batch::keep);
          parts.add(part);
        }
      }
    }
    all.put(Signature.IMAGES, x);
    for (String name : parts.getFirst().keySet()) {
      Tensor[] pieces =
          parts.stream().map(part -> requireNonNull(part.get(name))).toArray(Tensor[]::new);
      all.put(
          name,
          name.equals(ExportedNet.PRIORS)
              ? pieces[0]
              : torch.cat(new TensorVector(pieces), 0).contiguous());
    }
    return all;
  }

  private void assertAgreement(int nets) throws Exception {
    JsonNode found = checked(folder);
    assertThat(found).hasSize(nets);
    for (JsonNode net : found) {
      assertThat(net.required("torch").doubleValue()).isLessThan(Parity.TOLERANCE);
      assertThat(net.required("onnxruntime").doubleValue()).isLessThan(Parity.TOLERANCE);
    }
  }

  private static JsonNode checked(Path nets) throws Exception {
    return JsonMapper.builder().build().readTree(run("check.py", nets.toString())).required("nets");
  }

  private static String run(String script, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                DocumentationTest.python(),
                Path.of("src/test/resources/export", script).toAbsolutePath().toString()));
    command.addAll(List.of(arguments));
    return printed(command.toArray(String[]::new));
  }

  /** What a program prints. */
  private static String printed(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return said;
  }
}
