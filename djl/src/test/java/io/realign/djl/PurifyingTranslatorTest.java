package io.realign.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Batchifier;
import ai.djl.translate.StackBatchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.realign.Document;
import io.realign.align.CompactGenerator;
import io.realign.align.DefenseFile;
import io.realign.align.GeneratorPurifier;
import io.realign.align.PixelPurifier;
import io.realign.export.ExportFormat;
import io.realign.export.ExportedNet;
import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.awt.image.BufferedImage;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.NoGradGuard;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A committed defense in front of a classifier that ONNX Runtime runs, beside the same in Realign.
 */
final class PurifyingTranslatorTest {

  private static final int CLASSES = 10;

  @TempDir private static Path folder = Path.of("");

  private static final String NET_FILE = "net.onnx";
  private static final Path DEFENSE = Path.of("../results/cifar10-resnet20/defense.safetensors");
  private static final PixelPurifier PURIFIER =
      new PixelPurifier(DefenseFile.read(DEFENSE, Compute.CPU), Compute.CPU);
  private static final Target NET =
      Targets.trainable("cifar-resnet8", CLASSES, Seed.of(1), Compute.CPU).freeze();

  private static ZooModel<Image, float[]> model;

  @BeforeAll
  static void exportAndOpenTheNet() throws Exception {
    Path file = folder.resolve(NET_FILE);
    ExportedNet.of(nothing(), Optional.of(NET), Map.of())
        .write(file, ExportFormat.ONNX, Map.of(), (done, total) -> {});
    model =
        Criteria.builder()
            .setTypes(Image.class, float[].class)
            .optModelPath(file)
            .optEngine("OnnxRuntime")
            .optOption("intraOpNumThreads", "1")
            .optTranslator(new PurifyingTranslator<>(new Logits(), PURIFIER))
            .build()
            .loadModel();
  }

  @AfterAll
  static void closeTheNet() {
    model.close();
  }

  /** A generator that leaves images as they are, so that what is exported is the net alone. */
  private static GeneratorPurifier nothing() {
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator generator =
        new CompactGenerator.Config(1, 1, 0, 0, .1, halves, halves).create(Seed.of(0), Compute.CPU);
    try (NoGradGuard guard = new NoGradGuard()) {
      generator.params().dict().entries().forEach(weight -> weight.getValue().zero_());
    }
    return new GeneratorPurifier("nothing", generator);
  }

  /** Images in [0,1] in, logits out; images of one size make one batch. */
  private static final class Logits implements Translator<Image, float[]> {

    @Override
    public Batchifier getBatchifier() {
      return new StackBatchifier();
    }

    @Override
    public NDList processInput(TranslatorContext context, Image image) {
      return batchProcessInput(context, List.of(image));
    }

    @Override
    public NDList batchProcessInput(TranslatorContext context, List<Image> images) {
      NDManager manager = context.getNDManager();
      int height = images.getFirst().getHeight();
      int width = images.getFirst().getWidth();
      FloatBuffer batch = FloatBuffer.allocate(images.size() * 3 * height * width);
      for (Image image : images) {
        int[] values = image.toNDArray(manager, Image.Flag.COLOR).toUint8Array(); // [H,W,3]
        for (int c = 0; c < 3; c++) {
          for (int i = c; i < values.length; i += 3) {
            batch.put(values[i] / 255f);
          }
        }
      }
      return new NDList(manager.create(batch.flip(), new Shape(images.size(), 3, height, width)));
    }

    @Override
    public float[] processOutput(TranslatorContext context, NDList outputs) {
      return batchProcessOutput(context, outputs).getFirst();
    }

    @Override
    public List<float[]> batchProcessOutput(TranslatorContext context, NDList outputs) {
      NDArray logits = outputs.get("logits"); // [N,K]
      float[] all = logits.toFloatArray();
      List<float[]> each = new ArrayList<>();
      for (int at = 0; at < all.length; at += CLASSES) {
        each.add(Arrays.copyOfRange(all, at, at + CLASSES));
      }
      return each;
    }
  }

  private static Pixels pixels(int seed, int height, int width) {
    try (Scope scope = Scope.open()) {
      return Images.fromTensor(Seed.of(seed).uniform(0, 1, 1, 3, height, width)).getFirst();
    }
  }

  private static BufferedImage buffered(Pixels pixels, int type) {
    BufferedImage image = new BufferedImage(pixels.width(), pixels.height(), type);
    int plane = pixels.height() * pixels.width();
    for (int i = 0; i < plane; i++) {
      int rgb = 0xff;
      for (int c = 0; c < 3; c++) {
        rgb = rgb << 8 | pixels.rgb()[c * plane + i] & 0xff;
      }
      image.setRGB(i % pixels.width(), i / pixels.width(), rgb);
    }
    return image;
  }

  private static Image image(Pixels pixels) {
    return ImageFactory.getInstance().fromImage(buffered(pixels, BufferedImage.TYPE_3BYTE_BGR));
  }

  /** O(G(x)) by Realign. */
  private static float[] expected(Pixels image) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      return Ops.toFloats(NET.forward(Images.toTensor(List.of(PURIFIER.purify(image)))).logits());
    }
  }

  @Test
  void predictsWhatTheNetSaysOfTheRepairedImageOfAnySize() throws Exception {
    try (Predictor<Image, float[]> predictor = model.newPredictor()) {
      for (Pixels each : List.of(pixels(1, 32, 32), pixels(2, 45, 70), pixels(3, 700, 33))) {
        assertThat(predictor.predict(image(each))).containsExactly(expected(each), within(1e-4f));
      }
    }
  }

  @Test
  void theDefenseMakesADifference() throws Exception {
    Pixels image = pixels(1, 32, 32);
    try (Predictor<Image, float[]> bare = model.newPredictor(new Logits());
        Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      float[] said = bare.predict(image(image));
      assertThat(said)
          .containsExactly(
              Ops.toFloats(NET.forward(Images.toTensor(List.of(image))).logits()), within(1e-4f));
      assertThat(Math.abs(said[0] - expected(image)[0])).isGreaterThan(1e-3f);
    }
  }

  @Test
  void repairsEachImageOfABatch() throws Exception {
    List<Pixels> images = List.of(pixels(4, 32, 32), pixels(5, 32, 32), pixels(6, 32, 32));
    try (Predictor<Image, float[]> predictor = model.newPredictor()) {
      List<float[]> said =
          predictor.batchPredict(images.stream().map(PurifyingTranslatorTest::image).toList());
      assertThat(said).hasSize(3);
      for (int i = 0; i < 3; i++) {
        assertThat(said.get(i)).containsExactly(expected(images.get(i)), within(1e-4f));
      }
    }
  }

  @Test
  void leavesTheGivenImageAsItIsWhateverItsLayout() throws Exception {
    Pixels pixels = pixels(7, 32, 40);
    try (Predictor<Image, float[]> predictor = model.newPredictor()) {
      for (int type :
          new int[] {
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_4BYTE_ABGR,
            BufferedImage.TYPE_3BYTE_BGR
          }) {
        BufferedImage given = buffered(pixels, type);
        assertThat(predictor.predict(ImageFactory.getInstance().fromImage(given)))
            .as("type %d", type)
            .containsExactly(expected(pixels), within(1e-4f));
        assertThat(given.getRGB(0, 0, 40, 32, null, 0, 40))
            .isEqualTo(buffered(pixels, type).getRGB(0, 0, 40, 32, null, 0, 40));
      }
    }
  }

  @Test
  void threadsShareIt() throws Exception {
    List<Pixels> images = List.of(pixels(8, 32, 32), pixels(9, 64, 48));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      List<Future<float[]>> running = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Pixels own = images.get(i % 2);
        running.add(
            threads.submit(
                () -> {
                  try (Predictor<Image, float[]> predictor = model.newPredictor()) {
                    return predictor.predict(image(own));
                  }
                }));
      }
      for (int i = 0; i < 8; i++) {
        assertThat(running.get(i).get())
            .containsExactly(expected(images.get(i % 2)), within(1e-4f));
      }
    }
  }

  @Test
  void theProgramOfTheDocumentationLoadsADefendedModel() throws Exception {
    Document.of("docs/library.md").block("java", "DefendedModel").compile("DefendedModel", folder);
    Pixels image = pixels(10, 40, 32);
    try (URLClassLoader classes = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method load =
          classes
              .loadClass("DefendedModel")
              .getDeclaredMethod("load", Path.class, Path.class, Class.class, Translator.class);
      load.setAccessible(true);
      try (ZooModel<?, ?> documented =
              (ZooModel<?, ?>)
                  load.invoke(
                      null, folder.resolve(NET_FILE), DEFENSE, float[].class, new Logits());
          Predictor<Image, float[]> predictor = predictor(documented)) {
        assertThat(predictor.predict(image(image))).containsExactly(expected(image), within(1e-4f));
      }
    }
  }

  @SuppressWarnings("unchecked") // its types are those that the test handed over
  private static Predictor<Image, float[]> predictor(ZooModel<?, ?> model) {
    return ((ZooModel<Image, float[]>) model).newPredictor();
  }

  @Test
  void noSecondLibtorchIsThere() {
    assertThat(Engine.getAllEngines()).contains("OnnxRuntime").doesNotContain("PyTorch");
  }
}
