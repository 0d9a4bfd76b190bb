package io.realign;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in docs/library.md runs, and the README shows it. */
final class LibraryTest {

  private static final Document.Block PROGRAM = Document.of("docs/library.md").block("java");

  @TempDir private Path folder;

  @Test
  void theProgramAttacksRepairsAndPredicts() throws Exception {
    Pixels image;
    try (Scope scope = Scope.open()) {
      Targets.trainable("cifar-resnet20", 10, Seed.of(1), Compute.CPU)
          .save(folder.resolve("resnet20.safetensors"));
      image = Images.fromTensor(Seed.of(2).uniform(0, 1, 1, 3, 32, 32)).getFirst();
    }
    Files.copy(
        Path.of("../results/cifar10-resnet20/defense.safetensors"),
        folder.resolve("defense.safetensors"));
    Images.writePng(folder.resolve("image.png"), image);

    assertThat(PROGRAM.run("Library", folder))
        .matches(
            "Prediction\\[finding=OneClass\\[label=\\d], confidence=0\\.\\d+]"
                + ", defended Prediction\\[finding=OneClass\\[label=\\d], confidence=0\\.\\d+]");
    Pixels repaired = Images.read(folder.resolve("repaired.png"));
    assertThat(repaired.width()).isEqualTo(32);
    assertThat(repaired.rgb()).isNotEqualTo(image.rgb());
  }

  @Test
  void theReadmeShowsItsTenLines() {
    List<String> shown = Document.of("README.md").block("java").text().lines().toList();
    assertThat(shown).hasSize(10);
    assertThat(PROGRAM.text().lines().map(String::strip)).containsSubsequence(shown);
  }
}
