package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarTest {

  private final Path dir;

  CifarTest(@TempDir Path dir) {
    this.dir = dir;
  }

  @Test
  void readsImagesAcrossFiles() throws IOException {
    CifarFiles.cifar10(dir, 12, 3);
    CifarFiles.write(dir.resolve("cifar-10-batches-bin/data_batch_3.bin"), 5, 1, 10);

    Cifar train = Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TRAIN);

    assertThat(train.size()).isEqualTo(17);
    assertThat(train.imageSize()).isEqualTo(32);
    assertThat(train.classes()).startsWith("airplane", "automobile").hasSize(10);
    assertThat(train.get(11).annotation().label()).isEqualTo(1);
    assertThat(train.get(11).image().rgb()).hasSize(3072).containsOnly(11);
    assertThat(train.get(16).annotation().label()).isEqualTo(4);
    assertThat(train.get(16).image().rgb()).containsOnly(4);
    assertThatThrownBy(() -> train.get(17)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void notesThatThereAreFewerImagesThanUsual() throws IOException {
    CifarFiles.cifar10(dir, 12, 3);

    assertThat(Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TRAIN).notes())
        .containsExactly(
            "cifar10 train: 12 images instead of the usual 50,000"
                + " (no data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin)");
    assertThat(Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TEST).notes())
        .containsExactly("cifar10 test: 3 images instead of the usual 10,000");
  }

  @Test
  void readsTheFineLabelOfCifar100() throws IOException {
    Path folder = dir.resolve("cifar-100-binary");
    CifarFiles.write(folder.resolve("test.bin"), 120, 2, 100);
    Files.write(
        folder.resolve("fine_label_names.txt"),
        java.util.stream.IntStream.range(0, 100).mapToObj(i -> "name" + i).toList());

    Cifar test = Cifar.open(Cifar.Kind.CIFAR100, dir, Part.TEST);

    assertThat(test.size()).isEqualTo(120);
    assertThat(test.get(99).annotation().label()).isEqualTo(99);
    assertThat(test.get(99).image().rgb()).containsOnly(99);
    assertThat(test.classes()).hasSize(100).endsWith("name99");
  }

  @Test
  void namesAFileThatIsCutOff() throws IOException {
    CifarFiles.cifar10(dir, 12, 3);
    Path file = dir.resolve("cifar-10-batches-bin/data_batch_1.bin");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 12 * 3073 - 100));

    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("36,776 bytes")
        .hasMessageContaining("3,073 bytes")
        .hasMessageContaining("11 records and 2,973 bytes");
  }

  @Test
  void refusesAnEmptyFile() throws IOException {
    CifarFiles.cifar10(dir, 12, 0);

    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TEST))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("test_batch.bin has 0 bytes");
  }

  @Test
  void namesARecordWithAnImpossibleLabel() throws IOException {
    CifarFiles.cifar10(dir, 12, 3);
    Path file = dir.resolve("cifar-10-batches-bin/data_batch_1.bin");
    byte[] bytes = Files.readAllBytes(file);
    bytes[7 * 3073] = (byte) 200;
    Files.write(file, bytes);

    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(file + ": record 7 has label 200, expected 0 to 9");
  }

  @Test
  void saysWhatIsMissingAndHowToGetIt() throws IOException {
    Path nowhere = dir.resolve("nowhere");
    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR10, nowhere, Part.TEST))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no data folder at " + nowhere)
        .hasMessageContaining("cifar-10-batches-bin/{data_batch_1.bin")
        .hasMessageContaining("realign data fetch cifar10");
    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR100, dir, Part.TEST))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no folder cifar-100-binary in " + dir)
        .hasMessageContaining("realign data fetch cifar100");
    Path folder = Files.createDirectory(dir.resolve("cifar-10-batches-bin"));
    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TEST))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(folder + " holds none of test_batch.bin");
    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR10, folder, Part.TEST))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("give the folder that holds it");
  }

  @Test
  void refusesTheWrongNumberOfClassNames() throws IOException {
    CifarFiles.cifar10(dir, 12, 3);
    Files.writeString(dir.resolve("cifar-10-batches-bin/batches.meta.txt"), "airplane\nbird\n");

    assertThatThrownBy(() -> Cifar.open(Cifar.Kind.CIFAR10, dir, Part.TEST))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("batches.meta.txt names 2 classes, expected 10");
  }
}
