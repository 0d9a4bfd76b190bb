package io.realign.target;

import static io.realign.target.ScriptSamples.CLASSIFIER;
import static io.realign.target.ScriptSamples.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.InputException;
import io.realign.io.ScriptArchive;
import io.realign.task.Detection;
import io.realign.task.Outputs;
import io.realign.torch.Autocast;
import io.realign.torch.Compute;
import io.realign.torch.Convolutions;
import io.realign.torch.Ops;
import io.realign.torch.Script;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptTargetTest {

  private final Tensor weight = Seed.of(1).uniform(-1, 1, 8, 3, 3, 3);
  private final Tensor last = Seed.of(2).uniform(-1, 1, 8, 3);
  private final Tensor images = Seed.of(3).uniform(0, 1, 4, 3, 16, 16);

  @TempDir private Path folder;

  private void program(String source) {
    JitModule module = new JitModule(new QualifiedName("net"));
    module.register_parameter("weight", weight.clone(), false);
    module.register_buffer("last", last.clone());
    module.define(source);
    module.save(folder.resolve("net.pt").toString());
  }

  private TargetName described(String yaml) throws IOException {
    Path file = folder.resolve("net.yaml");
    Files.writeString(file, yaml);
    return new TargetName(file.toString());
  }

  private Target load(String source, String yaml) throws IOException {
    program(source);
    return Targets.load(described(yaml), Trust.SCRIPTS, Compute.CPU);
  }

  /** The same net in plain operators. */
  private Outputs expected(Tensor x) {
    Tensor normalised =
        Normalisation.of(new double[] {.5, .4, .3}, new double[] {.2, .25, .3})
            .layer(Compute.CPU)
            .forward(x);
    Tensor features =
        Ops.globalAvgPool(Convolutions.conv2d(normalised, weight, null, 2, 1, 1).relu());
    return new Outputs(features.matmul(last), features);
  }

  @Test
  void saysAndDifferentiatesWhatTheSameNetInOperatorsDoes() throws IOException {
    Target target = load(CLASSIFIER, PLAIN + "features: features()\n");
    assertThat(target.name()).isEqualTo("net");
    assertThat(target.classNames()).containsExactly("cat", "dog", "bird");
    assertThat(target.notes()).isEmpty();
    Tensor mine = Ops.leaf(images);
    Tensor theirs = Ops.leaf(images);
    Outputs found = target.forward(mine);
    Outputs wanted = expected(theirs);
    assertSame(found.logits(), wanted.logits());
    assertSame(found.features(), wanted.features());
    assertSame(
        Ops.gradient(found.logits().mul(found.logits()).sum(), mine),
        Ops.gradient(wanted.logits().mul(wanted.logits()).sum(), theirs));
  }

  @Test
  void usesTheLogitsWithoutFeaturesAndSaysSo() throws IOException {
    Target target = load(CLASSIFIER, PLAIN);
    assertThat(target.notes()).singleElement().asString().contains("aligned in the logits");
    Outputs outputs = target.forward(images);
    assertSame(outputs.features(), outputs.logits());
  }

  @Test
  void givesTheSameBitsEveryTimeAndOnEveryThread() throws IOException {
    Target target = load(CLASSIFIER, PLAIN);
    float[] first = Ops.toFloats(target.forward(images).logits());
    try (Workers workers = new Workers(2, 1)) {
      List<List<Tensor>> found =
          workers.map(12, i -> List.of(target.forward(images).logits().detach()));
      assertThat(found)
          .allSatisfy(each -> assertThat(Ops.toFloats(each.getFirst())).containsExactly(first));
    }
  }

  @Test
  void runsInBfloat16UnderAutocast() throws IOException {
    Target target = load(CLASSIFIER, PLAIN);
    Compute half = new Compute(Compute.Kind.CPU, Compute.Precision.BF16);
    float[] full = Ops.toFloats(target.forward(images).logits());
    float[] reduced = Ops.toFloats(ReducedPrecision.of(target, half).forward(images).logits());
    assertThat(reduced).isNotEqualTo(full).containsExactly(full, within(.1f));
    try (Autocast autocast = Autocast.open(half)) {
      Tensor x = Ops.leaf(images);
      float[] gradient = Ops.toFloats(Ops.gradient(target.forward(x).logits().sum(), x));
      double sum = 0;
      for (float each : gradient) {
        sum += Math.abs(each);
      }
      assertThat(sum).isFinite().isPositive();
    }
  }

  @Test
  void runsNothingWithoutTrust() throws IOException {
    program(CLASSIFIER);
    TargetName name = described(PLAIN);
    assertThatThrownBy(() -> Targets.load(name, Trust.DATA_ONLY, Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--trust-script")
        .hasMessageContaining("net.pt")
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "task: classification | task: naming | task is 'naming', expected classification",
        "imageSize: 16 | imageSize: 1 | imageSize is 1, expected 8 to 8192",
        "imageSize: 16 | imagesize: 16 | Unrecognized field \"imagesize\"",
        "[cat, dog, bird] | [cat, dog, cat] | 'cat' is empty or there twice",
        "[cat, dog, bird] | [cat, dog] | logits: forward() is [2, 3], expected [2, 2]",
        "imageSize: 16 | logits: out | 'imageSize' is missing",
        "file: net.pt | file: other.pt | other.pt: no such file",
        "[0.2, 0.25, 0.3] | [0.2, 0, 0.3] | positive deviations",
        "[0.2, 0.25, 0.3] | [0.2] | three means and three deviations",
        "file: net.pt | `logits: out\nfile: net.pt` | logits: forward()/out has no 'out': forward() returns [2, 3]",
        "file: net.pt | `logits: heads()\nfile: net.pt` | heads() fails",
        "file: net.pt | `features: forward()/7\nfile: net.pt` | features: forward()/7 has no '7'",
        "file: net.pt | `boxes: {offsets: 1}\nfile: net.pt` | 'boxes' is for task: detection",
        "task: classification | task: detection | 'boxes' is missing",
        "task: classification | task: segmentation | expected [2, 3, any, any]",
      })
  void saysInOneLineWhatIsWrongWithADescription(String old, String now, String said)
      throws IOException {
    program(CLASSIFIER);
    TargetName name = described(PLAIN.replace(old, now));
    assertThatThrownBy(() -> Targets.load(name, Trust.SCRIPTS, Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(said)
        .hasMessageNotContaining("\n");
  }

  @Test
  void saysInOneLineWhatIsWrongWithAFile() throws IOException {
    program(CLASSIFIER);
    TargetName name = described(PLAIN);
    Path file = folder.resolve("net.pt");
    byte[] whole = Files.readAllBytes(file);
    for (int length : new int[] {0, 4, whole.length / 2, whole.length - 30}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Targets.load(name, Trust.SCRIPTS, Compute.CPU))
          .as("%d bytes", length)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("net.pt")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void readsMapsAndResizesThemToTheImages() throws IOException {
    Target target =
        load(
            """
            def forward(self, x):
                y = torch.conv2d(x, self.weight, None, [2, 2], [1, 1])
                return {"out": y, "low": torch.mul(y, 2)}
            """,
            PLAIN
                    .replace("classification", "segmentation")
                    .replace("[cat, dog, bird]", "[a, b, c, d, e, f, g, h]")
                + "logits: out\nfeatures: low\n");
    Outputs outputs = target.forward(images);
    assertThat(Ops.shape(outputs.logits())).containsExactly(4, 8, 16, 16);
    assertThat(Ops.shape(outputs.features())).containsExactly(4, 8, 8, 8);
  }

  private static final String DETECTOR =
      """
      def forward(self, x):
          y = torch.conv2d(x, self.weight, None, [4, 4], [1, 1]).flatten(2)
          return y[:, 0:3], y[:, 4:8].transpose(1, 2)
      """;

  private static final String BOXES =
      PLAIN.replace("classification", "detection").replace("[cat, dog, bird]", "[cat, dog]")
          + """
          logits: 0
          boxes:
            offsets: 1
            layout: %s
            background: last
            order: yx
            priors: {%s, form: edges, unit: pixel}
          """;

  private static String rows() {
    StringBuilder rows = new StringBuilder("boxes: [");
    for (int i = 0; i < 16; i++) {
      int top = 4 * (i / 4);
      int left = 4 * (i % 4);
      rows.append("[%d, %d, %d, %d],".formatted(top, left, top + 4, left + 8));
    }
    return rows.append(']').toString();
  }

  @Test
  void bringsADetectorsHeadsIntoOrder() throws IOException {
    String source = DETECTOR.replace("y[:, 0:3]", "y[:, 0:3].transpose(1, 2)");
    Target target = load(source, BOXES.formatted("rows", rows()));
    assertThat(target.classes()).isEqualTo(2);
    Outputs outputs = target.forward(images);
    assertThat(Ops.shape(outputs.logits())).containsExactly(4, 16, 3);
    assertThat(Ops.shape(outputs.features())).containsExactly(4, 3, 16, 16);
    assertThat(target.notes()).singleElement().asString().contains("averaged over a grid");
    Tensor raw =
        Convolutions.conv2d(
                Normalisation.of(new double[] {.5, .4, .3}, new double[] {.2, .25, .3})
                    .layer(Compute.CPU)
                    .forward(images),
                weight,
                null,
                4,
                1,
                1)
            .flatten(2, -1);
    assertSame(outputs.logits().select(2, 0), raw.select(1, 2)); // background was last
    assertSame(outputs.logits().select(2, 1), raw.select(1, 0));
    Tensor offsets = outputs.offsets().orElseThrow();
    assertSame(offsets.select(2, 0), raw.select(1, 5)); // y was first
    assertSame(offsets.select(2, 3), raw.select(1, 6));
    var priors = ((Detection) target.task()).priors();
    assertThat(Arrays.copyOfRange(priors.boxes(), 20, 24)) // row 1, column 1
        .containsExactly(8 / 16f, 6 / 16f, 8 / 16f, 4 / 16f);
    assertThat(target.task().predictions(outputs).size(0)).isEqualTo(4);
  }

  @Test
  void saysWhatIsWrongWithHeads() throws IOException {
    program(DETECTOR);
    refused(
        BOXES.formatted("rows", rows()), "logits: forward()/0 is [2, 3, 16], expected [2, 16, 3]");
    refused(
        BOXES.formatted("stacks", rows()), "boxes.layout is 'stacks': one of rows, columns, maps");
    refused(BOXES.formatted("maps", rows()), "layout: maps wants a tuple or list of maps");
    refused(BOXES.formatted("rows", "attribute: anchors"), "it holds no tensor 'anchors'");
    refused(BOXES.formatted("rows", "attribute: last"), "last is [8, 3], expected [P, 4]");
    refused(BOXES.formatted("rows", "file: p.safetensors"), "p.safetensors: no such file");
    refused(BOXES.formatted("rows", "output: 1, attribute: last"), "give one of output");
    refused(BOXES.formatted("rows", "boxes: [[1, 2, 3]]"), "row 0 is [1.0, 2.0, 3.0]");
    refused(BOXES.formatted("rows", "boxes: [[4, 4, 0, 0]]"), "number 0 is");
    refused(
        BOXES.formatted("rows", rows()).replace("background: last", "background: none"),
        "softmax need a background");
  }

  private void refused(String yaml, String said) throws IOException {
    TargetName name = described(yaml);
    assertThatThrownBy(() -> Targets.load(name, Trust.SCRIPTS, Compute.CPU))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(said)
        .hasMessageNotContaining("\n");
  }

  @Test
  void anotherDescriptionOrProgramIsAnotherTarget() throws IOException {
    program(CLASSIFIER);
    String first = described(PLAIN).sha256();
    assertThat(described(PLAIN).sha256()).isEqualTo(first);
    assertThat(described(PLAIN + "features: features()\n").sha256()).isNotEqualTo(first);
    program(CLASSIFIER.replace("relu", "sigmoid"));
    assertThat(described(PLAIN).sha256()).isNotEqualTo(first);
    assertThat(described(PLAIN).withoutFolder()).isEqualTo("net.yaml");
  }

  @Test
  void probesFindWhatKeepsAttacksFromWorking() throws IOException {
    assertThat(probed(CLASSIFIER)).isEmpty();
    assertThat(probed(CLASSIFIER.replace("conv2d(x,", "conv2d(x.detach(),")))
        .singleElement()
        .asString()
        .contains("gradients by the image are 0");
    assertThat(probed(CLASSIFIER.replace("conv2d(x,", "conv2d(torch.sqrt(x - x),")))
        .singleElement()
        .asString()
        .contains("not finite");
    assertThat(probed(CLASSIFIER.replace("self.last)", "torch.dropout(self.last, 0.5, True))")))
        .singleElement()
        .asString()
        .contains("other outputs the next time");
    assertThat(
            probed(
                CLASSIFIER.replace(
                    "self.features(x)", "self.features(x) - 0.5 * self.features(x).sum(0)")))
        .singleElement()
        .asString()
        .contains("beside another image");
  }

  private List<String> probed(String source) throws IOException {
    return GradientProbe.of(load(source, PLAIN), Seed.of(0), Compute.CPU).problems();
  }

  @Test
  void guessesADescriptionThatLoads() throws IOException {
    program(CLASSIFIER);
    Path file = folder.resolve("net.pt");
    ScriptArchive archive = ScriptArchive.read(file);
    assertThat(archive.methods())
        .extracting(ScriptArchive.Method::name)
        .containsExactlyInAnyOrder("features", "forward");
    ScriptGuess guess = ScriptGuess.of(Script.load(file, Compute.CPU), archive, Compute.CPU);
    String yaml = guess.yaml(Path.of("net.pt"));
    assertThat(yaml).contains("task: classification", "features: features()", "class 2");
    Target target = Targets.load(described(yaml), Trust.SCRIPTS, Compute.CPU);
    assertThat(target.classes()).isEqualTo(3);
  }

  @Test
  void guessesWhichOfItsTensorsHoldsADetectorsPriors() throws IOException {
    JitModule module = new JitModule(new QualifiedName("net"));
    module.register_buffer("weight", Seed.of(1).uniform(-1, 1, 7, 3, 32, 32));
    float[] edges = new float[5 * 5 * 4]; // images of 160²: a place has 32 pixels
    for (int i = 0; i < 25; i++) {
      edges[4 * i] = 32 * (i % 5);
      edges[4 * i + 1] = 32 * (i / 5);
      edges[4 * i + 2] = edges[4 * i] + 40;
      edges[4 * i + 3] = edges[4 * i + 1] + 40;
    }
    module.register_buffer("other", Ops.floats(new float[12], 3, 4));
    module.register_buffer("grid", Ops.floats(edges, 25, 4));
    module.define(
        """
        def forward(self, x):
            y = torch.conv2d(x, self.weight, None, [32, 32])
            rows = y.flatten(2).transpose(1, 2)
            return {"boxes": rows[:, :, :4], "scores": rows[:, :, 4:], "features": y}
        """);
    Path file = folder.resolve("net.pt");
    module.save(file.toString());
    ScriptGuess guess =
        ScriptGuess.of(Script.load(file, Compute.CPU), ScriptArchive.read(file), Compute.CPU);
    assertThat(guess.isWhole()).isTrue();
    assertThat(guess.yaml(Path.of("net.pt")).replaceAll(" +#.*", ""))
        .contains("imageSize: 160\n", "attribute: grid\n", "form: edges\n", "unit: pixel\n")
        .contains("features: features\n", "offsets: boxes\n", "logits: scores\n");
    Target target = guess.target(file, Compute.CPU);
    assertThat(((Detection) target.task()).priors().count()).isEqualTo(25);
    assertThat(GradientProbe.of(target, Seed.of(0), Compute.CPU).problems()).isEmpty();
  }

  private static void assertSame(Tensor found, Tensor expected) {
    assertThat(Ops.shape(found)).isEqualTo(Ops.shape(expected));
    assertThat(Ops.toFloats(found)).containsExactly(Ops.toFloats(expected), within(1e-5f));
  }
}
