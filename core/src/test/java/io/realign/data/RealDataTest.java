package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The given parts of CIFAR-10, Tiny-ImageNet and CamVid. */
@Tag("real")
class RealDataTest {

  private static final Path DATA =
      Path.of(
          Objects.requireNonNull(
              System.getProperty("real.data"), "give -Dreal.data=DIR, the folder of the data"));

  private static int[] counts(Dataset dataset) {
    int[] counts = new int[dataset.classes().size()];
    for (int i = 0; i < dataset.size(); i++) {
      counts[dataset.get(i).annotation().label()]++;
    }
    return counts;
  }

  @Test
  void readsTheGivenPartOfCifar10() {
    Cifar train = Cifar.open(Cifar.Kind.CIFAR10, DATA, Part.TRAIN);
    Cifar test = Cifar.open(Cifar.Kind.CIFAR10, DATA, Part.TEST);

    assertThat(train.notes()).singleElement().asString().contains("40,000 images");
    assertThat(train.size()).isEqualTo(40_000);
    assertThat(counts(train))
        .containsExactly(3986, 3986, 4048, 3984, 4003, 3975, 4020, 4023, 3997, 3978);
    assertThat(test.size()).isEqualTo(1_000);
    assertThat(counts(test)).containsExactly(103, 89, 100, 103, 90, 86, 112, 102, 106, 109);
    assertThat(test.classes().get(test.get(0).annotation().label())).isEqualTo("cat");
  }

  @Test
  void readsTheGivenPartOfTinyImageNet() {
    Dataset train = TinyImageNet.open(DATA, Part.TRAIN, 64);
    Dataset test = TinyImageNet.open(DATA, Part.TEST, 64);

    assertThat(train.classes()).hasSize(20).contains("Egyptian cat");
    assertThat(counts(train)).containsOnly(500);
    assertThat(counts(test)).containsOnly(50);
    // 236 files of one channel (counted from their JPEG headers) and 9 of three equal ones
    assertThat(grey(train) + grey(test)).isEqualTo(245);
  }

  /** Pixels by class, counted with PIL and NumPy; the masks are padded to squares with no label. */
  @Test
  void readsTheGivenPartOfCamVid() {
    int side = 480;
    Dataset test = CamVid.open(DATA, Part.TEST, side);
    assertThat(test.size()).isEqualTo(117);
    long[] counts = new long[test.classes().size() + 1];
    for (int i = 0; i < test.size(); i++) {
      for (byte label : Objects.requireNonNull(test.get(i).annotation().mask())) {
        counts[label == (byte) 255 ? 11 : label]++;
      }
    }
    assertThat(counts)
        .containsExactly(
            3470318,
            4964899,
            243409,
            5196055,
            1862519,
            2245737,
            201872,
            247710,
            799075,
            136324,
            28344,
            821338 + 117L * side * (side - 360));
  }

  private static long grey(Dataset dataset) {
    return IntStream.range(0, dataset.size())
        .parallel()
        .filter(
            i -> {
              byte[] rgb = dataset.get(i).image().rgb();
              int plane = rgb.length / 3;
              return Arrays.equals(rgb, 0, plane, rgb, plane, 2 * plane)
                  && Arrays.equals(rgb, 0, plane, rgb, 2 * plane, 3 * plane);
            })
        .count();
  }
}
