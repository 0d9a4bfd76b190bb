package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScenesTest {

  private static Scenes scenes(Scenes.Layout layout, int side) {
    return new Scenes(layout, side, Part.TRAIN, 1000, Seed.of(3));
  }

  @Test
  void drawsTheSameImageInAnyOrderAndOnAnyThread() {
    Scenes scenes = scenes(Scenes.Layout.MANY, 32);
    List<Sample> inOrder = IntStream.range(0, 32).mapToObj(scenes::get).toList();
    List<Sample> inParallel =
        IntStream.range(0, 32)
            .parallel()
            .mapToObj(i -> scenes(Scenes.Layout.MANY, 32).get(i))
            .toList();

    for (int i = 0; i < inOrder.size(); i++) {
      Sample expected = inOrder.get(i);
      assertThat(inParallel.get(i).image().rgb()).isEqualTo(expected.image().rgb());
      assertThat(inParallel.get(i).annotation().mask()).isEqualTo(expected.annotation().mask());
      assertThat(inParallel.get(i).annotation().boxes()).isEqualTo(expected.annotation().boxes());
    }
  }

  @Test
  void drawsOtherImagesForOtherSeedsAndParts() {
    byte[] image = Scenes.standard(32, Part.TRAIN).get(5).image().rgb();

    assertThat(Scenes.standard(32, Part.TEST).get(5).image().rgb()).isNotEqualTo(image);
    assertThat(scenes(Scenes.Layout.SINGLE, 32).get(5).image().rgb()).isNotEqualTo(image);
    assertThat(Scenes.standard(32, Part.TRAIN).get(5).image().rgb()).isEqualTo(image);
  }

  /** Antialiasing may differ a little between Java releases; what is drawn may not. */
  @ParameterizedTest
  @CsvSource({"0,6,156.12,142", "1,5,101.84,368", "2,4,154.29,108", "3,0,119.26,327"})
  void drawsWhatItAlwaysDrew(int index, int label, double brightness, int pixels) {
    Sample sample = Scenes.standard(32, Part.TEST).get(index);
    byte[] mask = sample.annotation().mask();

    assertThat(sample.annotation().label()).isEqualTo(label);
    assertThat(bytes(sample.image().rgb()).average().orElseThrow())
        .isCloseTo(brightness, within(1.0));
    assertThat((int) bytes(mask).filter(value -> value == label + 1).count())
        .isCloseTo(pixels, within(6));
  }

  private static IntStream bytes(byte[] values) {
    return IntStream.range(0, values.length).map(i -> values[i] & 0xff);
  }

  @Test
  void showsEachClassOnceInTenImages() {
    Scenes scenes = Scenes.standard(32, Part.TEST);

    assertThat(scenes.classes())
        .containsExactly(
            "disc",
            "ring",
            "square",
            "triangle",
            "star",
            "cross",
            "crescent",
            "arrow",
            "heart",
            "bolt");
    for (int ten = 0; ten < 50; ten += 10) {
      assertThat(IntStream.range(ten, ten + 10).map(i -> scenes.get(i).annotation().label()))
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
    assertThat(scenes.get(0).annotation().label() == 0 && scenes.get(1).annotation().label() == 1)
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 57, 128})
  void masksASingleObjectAndEnclosesIt(int side) {
    Scenes scenes = scenes(Scenes.Layout.SINGLE, side);
    for (int i = 0; i < 20; i++) {
      Annotation annotation = scenes.get(i).annotation();
      assertThat(annotation.mask()).hasSize(side * side);
      assertThat(annotation.boxes())
          .containsExactly(extent(annotation.mask(), side, annotation.label()));
      Box box = annotation.boxes().getFirst();
      float longer = Math.max(box.right() - box.left(), box.bottom() - box.top()) / side;
      assertThat(longer).isBetween(0.4f, 0.9f);
      assertThat(bytes(annotation.mask()).distinct())
          .containsExactlyInAnyOrder(0, annotation.label() + 1);
    }
  }

  @Test
  void enclosesTheVisiblePartsOfManyObjects() {
    Scenes scenes = scenes(Scenes.Layout.MANY, 64);
    for (int i = 0; i < 40; i++) {
      Annotation annotation = scenes.get(i).annotation();
      List<Box> boxes = annotation.boxes();
      assertThat(boxes).hasSizeBetween(1, 5);
      for (int label = 0; label < 10; label++) {
        int k = label;
        List<Box> same = boxes.stream().filter(box -> box.label() == k).toList();
        if (same.isEmpty()) {
          assertThat(annotation.mask()).doesNotContain((byte) (label + 1));
        } else { // the pixels of a class reach exactly as far as its boxes together
          assertThat(extent(annotation.mask(), 64, label)).isEqualTo(around(same));
        }
      }
    }
  }

  private static Box extent(byte[] mask, int side, int label) {
    int[] pixels = IntStream.range(0, mask.length).filter(i -> mask[i] == label + 1).toArray();
    return new Box(
        label,
        Arrays.stream(pixels).map(i -> i % side).min().orElseThrow(),
        Arrays.stream(pixels).map(i -> i / side).min().orElseThrow(),
        Arrays.stream(pixels).map(i -> i % side + 1).max().orElseThrow(),
        Arrays.stream(pixels).map(i -> i / side + 1).max().orElseThrow());
  }

  private static Box around(List<Box> boxes) {
    return boxes.stream()
        .reduce(
            (a, b) ->
                new Box(
                    a.label(),
                    Math.min(a.left(), b.left()),
                    Math.min(a.top(), b.top()),
                    Math.max(a.right(), b.right()),
                    Math.max(a.bottom(), b.bottom())))
        .orElseThrow();
  }

  @Test
  void showsTheSameSceneAtAnotherSize() {
    for (int i = 0; i < 20; i++) {
      Box small = scenes(Scenes.Layout.SINGLE, 32).get(i).annotation().boxes().getFirst();
      Box large = scenes(Scenes.Layout.SINGLE, 128).get(i).annotation().boxes().getFirst();
      assertThat(large.label()).isEqualTo(small.label());
      assertThat(large.left() / 4).isCloseTo(small.left(), within(1.5f));
      assertThat(large.bottom() / 4).isCloseTo(small.bottom(), within(1.5f));
    }
  }

  @Test
  void refusesFramesTooSmallToShowAnything() {
    assertThatThrownBy(() -> Scenes.standard(31, Part.TRAIN))
        .isInstanceOf(InputException.class)
        .hasMessage("scenes are at least 32 pixels wide, not 31");
  }
}
