package io.realign.export;

import static io.realign.target.ScriptSamples.CLASSIFIER;
import static io.realign.target.ScriptSamples.PLAIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.align.GeneratorPurifier;
import io.realign.align.SmallGenerators;
import io.realign.io.Checksum;
import io.realign.io.InputException;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.target.Targets;
import io.realign.target.Trust;
import io.realign.task.Outputs;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A defense in front of somebody else's TorchScript is one TorchScript file that says the same. */
class ScriptExportTest {

  private static final String MASKS =
      PLAIN
          .replace("classification", "segmentation")
          .replace("[cat, dog, bird]", "[a, b, c, d, e, f, g, h]");

  private static final String BOXES =
      PLAIN.replace("classification", "detection").replace("[cat, dog, bird]", "[cat, dog]")
          + """
          logits: %s
          boxes: {offsets: %s, layout: %s, background: %s, scores: %s, order: %s,
                  variances: [0.5, 0.25], priors: {attribute: grid, form: edges, unit: pixel}}
          """;

  @TempDir private Path folder;

  private Target target(String source, String yaml) throws IOException {
    JitModule module = new JitModule(new QualifiedName("net"));
    module.register_parameter("weight", Seed.of(1).uniform(-1, 1, 8, 3, 3, 3), false);
    module.register_buffer("last", Seed.of(2).uniform(-1, 1, 8, 3));
    module.register_buffer("grid", grid());
    module.define(source);
    module.save(folder.resolve("net.pt").toString());
    return described(yaml);
  }

  private Target described(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("net.yaml"), yaml);
    return Targets.load(new TargetName(file.toString()), Trust.SCRIPTS, Compute.CPU);
  }

  /** 4 × 4 places, each with a prior of 6 × 5 pixels. */
  private static Tensor grid() {
    float[] edges = new float[16 * 4];
    for (int i = 0; i < 16; i++) {
      edges[4 * i] = 4 * (i % 4);
      edges[4 * i + 1] = 4 * (i / 4);
      edges[4 * i + 2] = edges[4 * i] + 6;
      edges[4 * i + 3] = edges[4 * i + 1] + 5;
    }
    return Ops.floats(edges, 16, 4);
  }

  private static GeneratorPurifier purifier() {
    return ExportedNetTest.purifier(SmallGenerators.compact(1));
  }

  private static ExportedNet net(Target target) {
    return ExportedNet.of(purifier(), Optional.of(target), Map.of());
  }

  private ExportedNet.Written write(ExportedNet net) {
    return net.write(
        folder.resolve("both.pt"), ExportFormat.TORCHSCRIPT, Map.of("more", "1"), (d, t) -> {});
  }

  /** What the file says of the images. */
  private List<Tensor> said(Tensor images) {
    try (NoGradGuard guard = new NoGradGuard()) {
      JitModule module = torch.load(folder.resolve("both.pt").toString());
      IValue answer = module.forward(new IValueVector(new IValue(images)));
      if (!answer.isTuple()) {
        return List.of(new Tensor(answer.toTensor()));
      }
      List<Tensor> all = new ArrayList<>();
      for (int i = 0; i < answer.toTuple().elements().size(); i++) {
        all.add(new Tensor(answer.toTuple().elements().get(i).toTensor()));
      }
      return all;
    }
  }

  /** Writes the pair and runs it beside the purifier and the target, which know of no export. */
  private ExportedNet.Written assertSame(Target target, long[]... shapes) {
    try (Scope scope = Scope.open()) {
      ExportedNet.Written written = write(net(target));
      for (long[] shape : shapes) {
        Tensor images = Seed.of(4).uniform(0, 1, shape);
        Outputs ours = target.forward(purifier().purify(images));
        List<Tensor> theirs = said(images);
        assertThat(Parity.difference(ours.logits(), theirs.getFirst())).isLessThan(1e-4);
        assertThat(theirs).hasSize(ours.offsets().isPresent() ? 3 : 1);
        if (ours.offsets().isPresent()) {
          assertThat(Parity.difference(ours.offsets().get(), theirs.get(1))).isLessThan(1e-4);
        }
      }
      return written;
    }
  }

  @Test
  void aClassifierBehindADefenseSaysTheSame() throws IOException {
    Target target = target(CLASSIFIER, PLAIN + "features: features()\n");
    ExportedNet.Written written =
        assertSame(target, new long[] {64, 3, 16, 16}, new long[] {2, 3, 23, 19});
    assertThat(written.signature().imagesText()).isEqualTo("images [N,3,H,W]");
    assertThat(written.signature().outputsText()).isEqualTo("logits [N,3]");
    assertThat(written.parity().orElseThrow().images()).isEqualTo(4);
  }

  @Test
  void methodsBesideForwardAreStillThere() throws IOException {
    Target target = target(CLASSIFIER, PLAIN + "features: features()\n");
    try (Scope scope = Scope.open()) {
      write(net(target));
      JitModule both = torch.load(folder.resolve("both.pt").toString());
      JitModule inside = new JitModule(both.attr("target").toObject());
      JitModule alone = torch.load(folder.resolve("net.pt").toString());
      Tensor x = Seed.of(4).uniform(0, 1, 2, 3, 16, 16);
      assertThat(Ops.toFloats(features(inside, x))).isEqualTo(Ops.toFloats(features(alone, x)));
    }
  }

  private static Tensor features(JitModule module, Tensor x) {
    return new Tensor(
        module.get_method("features").apply(new IValueVector(new IValue(x))).toTensor());
  }

  @Test
  void logitsOfAnotherMethodDeepInItsResultAreTaken() throws IOException {
    String deep =
        CLASSIFIER
            + """
            def heads(self, x) -> Dict[str, List[Tuple[Tensor, Optional[Dict[int, Tensor]]]]]:
                more: Optional[Dict[int, Tensor]] = {7: torch.matmul(self.features(x), self.last)}
                return {"a \\"b\\"": [(x, more)]}
            """;
    assertSame(
        target(deep, PLAIN + "logits: heads()/a \"b\"/0/1/7\n"),
        new long[] {3, 3, 16, 16},
        new long[] {2, 3, 21, 18});
  }

  @Test
  void masksAreBroughtToTheImagesAtEverySize() throws IOException {
    String halved =
        """
        def forward(self, x):
            y = torch.conv2d(x, self.weight, None, [2, 2], [1, 1])
            return {"out": y, "low": torch.mul(y, 2)}
        """;
    ExportedNet.Written written =
        assertSame(
            target(halved, MASKS + "logits: out\nfeatures: low\n"),
            new long[] {64, 3, 16, 16},
            new long[] {2, 3, 37, 22});
    assertThat(written.signature().outputsText()).isEqualTo("logits [N,8,H,W]");
  }

  /** At the size that the program was made for there is nothing to resize: that is no step less. */
  @Test
  void masksOfOneSizeAreResizedOnlyWhereTheyMustBe() throws IOException {
    String fixed =
        """
        def forward(self, x):
            return torch.upsample_bilinear2d(torch.conv2d(x, self.weight), [16, 16], False)
        """;
    assertSame(target(fixed, MASKS), new long[] {2, 3, 16, 16}, new long[] {2, 3, 26, 31});
  }

  @Test
  void aProgramOfOneSizeMakesAFileOfOneSize() throws IOException {
    String fixed =
        """
        def forward(self, x):
            y = torch.conv2d(x, self.weight, None, [2, 2], [1, 1])
            return torch.matmul(y.reshape([-1, 8, 64]).mean([2]), self.last)
        """;
    ExportedNet.Written written = assertSame(target(fixed, PLAIN), new long[] {5, 3, 16, 16});
    assertThat(written.signature().imagesText()).isEqualTo("images [N,3,16,16]");
  }

  private static final String HEADS =
      """
      def heads(self, x):
          return torch.conv2d(x, self.weight, None, [4, 4], [1, 1])
      """;

  /** All forms of heads come out as those of our own detectors: background first, x first. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y.flatten(2)[:, 0:3], y.flatten(2)[:, 4:8]         | columns | first | softmax | xy",
        "y.flatten(2)[:, 0:3], y.flatten(2)[:, 4:8]         | columns | last  | softmax | yx",
        "y.flatten(2)[:, 0:2], y.flatten(2)[:, 4:8]         | columns | none  | sigmoid | xy",
        "y.flatten(2)[:, 0:3].transpose(1, 2), y.flatten(2)[:, 4:8].transpose(1, 2) | rows | last | sigmoid | yx",
        "(y[:, 0:3], y[:, 0:3, 0:2, 0:2]), (y[:, 4:8], y[:, 4:8, 2:4, 2:4]) | maps | first | softmax | yx",
      })
  void aDetectorBehindADefenseSaysTheSame(
      String heads, String layout, String background, String scores, String order)
      throws IOException {
    String source =
        HEADS + "def forward(self, x):\n    y = self.heads(x)\n    return " + heads + "\n";
    String yaml = BOXES.formatted("0", "1", layout, background, scores, order);
    if (layout.equals("maps")) {
      source = source.replace("self.heads(x)", "self.heads(x + 0 * self.grid.sum())");
      yaml = yaml.replace("attribute: grid", "output: more()");
      source += "def more(self, x):\n    return torch.cat([self.grid, self.grid[0:4]])\n";
    }
    ExportedNet.Written written = assertSame(target(source, yaml), new long[] {6, 3, 16, 16});
    int priors = layout.equals("maps") ? 20 : 16;
    assertThat(written.signature().outputsText())
        .isEqualTo("logits [N,%d,3], offsets [N,%d,4], priors [%d,4]", priors, priors, priors);
    try (Scope scope = Scope.open()) {
      float[] first =
          Ops.toFloats(said(Seed.of(5).uniform(0, 1, 1, 3, 16, 16)).get(2).select(0, 0));
      assertThat(first) // centre and size, of the image's side; order: yx swaps what the grid says
          .containsExactly(
              order.equals("xy")
                  ? new float[] {3 / 16f, 2.5f / 16, 6 / 16f, 5 / 16f}
                  : new float[] {2.5f / 16, 3 / 16f, 5 / 16f, 6 / 16f});
    }
  }

  @Test
  void theFileTellsWhichProgramItHolds() throws IOException {
    String yaml = BOXES.formatted("0", "1", "columns", "first", "softmax", "xy");
    String source =
        HEADS
            + """
            def forward(self, x):
                y = self.heads(x).flatten(2)
                return y[:, 0:3], y[:, 4:8]
            """;
    try (Scope scope = Scope.open()) {
      write(net(target(source, yaml)));
      ExtraFilesMap extra = new ExtraFilesMap();
      BytePointer key = new BytePointer(TorchScriptModule.METADATA);
      extra.put(key, "");
      torch.load(folder.resolve("both.pt").toString(), new DeviceOptional(), extra);
      assertThat(extra.get(key).getString())
          .contains("\"architecture\":\"net\"", "\"task\":\"detection\"", "\"classes\":\"2\"")
          .contains("\"program\":\"net.pt\"")
          .contains("\"program_sha256\":\"" + Checksum.sha256(folder.resolve("net.pt")) + "\"")
          .contains("\"input\":\"images [N,3,16,16]\"", "\"input_size\":\"16x16\"")
          .contains("cx + 0.5·dx·w", "exp(0.25·dw)", "\"more\":\"1\"")
          .doesNotContain(folder.toString());
    }
  }

  /** Both files have classes of the same name. */
  @Test
  void whatWasExportedCanBeATargetAndBeExportedAgain() throws IOException {
    try (Scope scope = Scope.open()) {
      write(net(target(CLASSIFIER, PLAIN)));
      Files.move(folder.resolve("both.pt"), folder.resolve("first.pt"));
    }
    String plain =
        PLAIN
            .replace("net.pt", "first.pt")
            .replace("[0.5, 0.4, 0.3]", "[0, 0, 0]")
            .replace("[0.2, 0.25, 0.3]", "[1, 1, 1]");
    assertSame(described(plain), new long[] {3, 3, 16, 16});
  }

  @Test
  void onnxOfAProgramIsRefusedInOneLine() throws IOException {
    ExportedNet net = net(target(CLASSIFIER, PLAIN));
    Path file = folder.resolve("both.onnx");
    assertThatThrownBy(() -> net.write(file, ExportFormat.ONNX, Map.of(), (d, t) -> {}))
        .isInstanceOf(InputException.class)
        .hasMessage(
            folder.resolve("net.pt")
                + " is TorchScript, which no ONNX file can hold: export the defense alone as onnx, without the target, or both as torchscript");
    assertThat(file).doesNotExist();
  }

  @Test
  void aProgramThatDrawsIsRefusedInOneLine() throws IOException {
    String drawing = CLASSIFIER.replace("self.last)", "torch.dropout(self.last, 0.5, True))");
    try (Scope scope = Scope.open()) {
      ExportedNet net = net(target(drawing, PLAIN));
      assertThatThrownBy(() -> write(net))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(folder.resolve("net.pt") + " cannot be put behind the defense: ")
          .hasMessageEndingWith("'inspect' tells whether it gives the same outputs twice")
          .hasMessageNotContaining("\n");
    }
    assertThat(folder.resolve("both.pt")).doesNotExist();
  }

  @Test
  void aResultThatNoProgramCanTakeApartIsRefusedInOneLine() throws IOException {
    String any = CLASSIFIER.replace("def forward(self, x):", "def forward(self, x) -> Any:");
    try (Scope scope = Scope.open()) {
      ExportedNet net = net(target(any, PLAIN));
      assertThatThrownBy(() -> write(net))
          .isInstanceOf(InputException.class)
          .hasMessageStartingWith(folder.resolve("net.pt") + " cannot be put behind the defense: ")
          .hasMessageNotContaining("\n");
    }
  }
}
