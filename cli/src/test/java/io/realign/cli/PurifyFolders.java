package io.realign.cli;

import io.realign.align.CompactGenerator;
import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.io.ImageDecoder;
import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.Images;
import io.realign.io.Picture;
import io.realign.io.Pixels;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** {@code purify} with an untrained defense, from one folder into another. */
abstract class PurifyFolders {

  @TempDir Path folder = Path.of("");

  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();

  Path defense = Path.of("");
  Path in = Path.of("");
  Path to = Path.of("");

  @BeforeEach
  void makeDefense() {
    in = folder.resolve("in");
    to = folder.resolve("to");
    defense = folder.resolve("defense.safetensors");
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator.Config config = new CompactGenerator.Config(4, 1, 0, 0, .5, halves, halves);
    Generator generator = config.create(Seed.of(3), Compute.CPU);
    DefenseFile.write(defense, config, generator.params().dict(), Map.of());
  }

  int purify(Object... args) {
    List<String> all = new ArrayList<>(List.of("purify", "--defense", defense.toString()));
    Arrays.stream(args).map(Object::toString).forEach(all::add);
    return Main.run(all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err));
  }

  static Pixels noise(int height, int width, int seed) {
    byte[] rgb = new byte[3 * height * width];
    new Random(seed).nextBytes(rgb);
    return new Pixels(height, width, rgb);
  }

  static byte[] png(int seed) {
    return Images.pngBytes(noise(20, 24, seed));
  }

  static byte[] turnedJpeg() {
    Picture picture =
        new Picture(
            ImageFormat.JPEG,
            noise(20, 24, 7),
            new byte[0],
            false,
            8,
            6,
            new byte[0],
            new byte[0],
            false);
    return new ImageEncoder(95).encode(picture, ImageFormat.JPEG);
  }

  Path write(String name, byte[] bytes) throws IOException {
    Path file = in.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  static List<String> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  static Picture picture(byte[] bytes) {
    return ImageDecoder.standard().picture(bytes, "x");
  }
}
