package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Blur, expansion and crops by overlap, on a red rectangle of class 3 on black of class 1. */
class PublishedAugmentationTest {

  private static final int HEIGHT = 120;
  private static final int WIDTH = 120;
  private static final int PLANE = HEIGHT * WIDTH;
  private static final Box RED = new Box(3, 30, 40, 78, 70, true);
  private static final int DRAWS = 300;
  private static final Expand NO_CANVAS = new Expand(0, 1);
  private static final OverlapCrop WHOLE = new OverlapCrop(List.of(), 1, 1, 1);

  private static Sample rectangle() {
    return rectangle(List.of(RED));
  }

  private static Sample rectangle(List<Box> boxes) {
    byte[] rgb = new byte[3 * PLANE];
    byte[] mask = new byte[PLANE];
    Arrays.fill(mask, (byte) 1);
    for (int y = (int) RED.top(); y < RED.bottom(); y++) {
      for (int x = (int) RED.left(); x < RED.right(); x++) {
        rgb[y * WIDTH + x] = (byte) 255;
        mask[y * WIDTH + x] = 3;
      }
    }
    return new Sample(new Pixels(HEIGHT, WIDTH, rgb), new Annotation(3, mask, boxes));
  }

  private static boolean isRed(Sample sample, int at) {
    byte[] rgb = sample.image().rgb();
    return (rgb[at] & 255) - (rgb[PLANE + at] & 255) > 127; // grey and black are not
  }

  private static List<Sample> draws(Augmentation augmentation, Sample sample) {
    List<Sample> draws = new ArrayList<>();
    for (int i = 0; i < DRAWS; i++) {
      draws.add(augmentation.apply(sample, Seed.of(5).child(i)));
    }
    return draws;
  }

  private static long untouched(Augmentation augmentation) {
    Sample before = rectangle();
    return draws(augmentation, before).stream()
        .filter(made -> Arrays.equals(made.image().rgb(), before.image().rgb()))
        .count();
  }

  static Stream<Augmentation> moving() {
    return Stream.of(
        expanded(Expand.standard()),
        cropped(OverlapCrop.standard()),
        ObjectCrop.standard(WIDTH).then(new Augmentation.CropFlip(0)),
        new RandomCrop(.5, 2, false, 10, WIDTH));
  }

  static Stream<Augmentation> all() {
    return Stream.concat(
        moving(),
        Stream.concat(
            Stream.of(GaussianBlur.standard()),
            Stream.of(Labelling.values()).map(PublishedAugmentationTest::published)));
  }

  private static Augmentation published(Labelling labelling) {
    return Augmentation.published(labelling, Scenes.ofMany(WIDTH, Part.TRAIN));
  }

  private static Augmentation expanded(Expand canvas) {
    return new ObjectCrop(canvas, WHOLE, WIDTH);
  }

  private static Augmentation cropped(OverlapCrop crop) {
    return new ObjectCrop(NO_CANVAS, crop, WIDTH);
  }

  @Test
  void boxesStayTight() {
    boxesStayTight(expanded(Expand.standard()));
    boxesStayTight(cropped(OverlapCrop.standard()));
    boxesStayTight(ObjectCrop.standard(WIDTH).then(new Augmentation.CropFlip(0)));
  }

  private static void boxesStayTight(Augmentation augmentation) {
    int changed = 0;
    for (Sample made : draws(augmentation, rectangle())) {
      assertThat(made.annotation().boxes()).hasSize(1);
      Box box = made.annotation().boxes().getFirst();
      Box seen = redOf(made);
      assertThat(Math.abs(box.left() - seen.left())).isLessThanOrEqualTo(1);
      assertThat(Math.abs(box.top() - seen.top())).isLessThanOrEqualTo(1);
      assertThat(Math.abs(box.right() - seen.right())).isLessThanOrEqualTo(1);
      assertThat(Math.abs(box.bottom() - seen.bottom())).isLessThanOrEqualTo(1);
      assertThat(box.label()).isEqualTo(3);
      assertThat(box.difficult()).isTrue();
      changed += box.equals(RED) ? 0 : 1;
    }
    assertThat(changed).isGreaterThan(DRAWS / 3);
  }

  private static Box redOf(Sample sample) {
    int left = WIDTH;
    int top = HEIGHT;
    int right = 0;
    int bottom = 0;
    for (int at = 0; at < PLANE; at++) {
      if (isRed(sample, at)) {
        left = Math.min(left, at % WIDTH);
        top = Math.min(top, at / WIDTH);
        right = Math.max(right, at % WIDTH + 1);
        bottom = Math.max(bottom, at / WIDTH + 1);
      }
    }
    return new Box(3, left, top, right, bottom);
  }

  @ParameterizedTest
  @MethodSource("moving")
  void masksMoveWithTheImage(Augmentation augmentation) {
    for (Sample made : draws(augmentation, rectangle())) {
      byte[] mask = made.annotation().mask();
      int agreed = 0;
      for (int at = 0; at < PLANE; at++) {
        agreed += (mask[at] == 3) == isRed(made, at) ? 1 : 0;
        if (mask[at] == Annotation.UNKNOWN) { // on the canvas, or beside its edge
          assertThat(made.image().rgb()[PLANE + at] & 255).isBetween(1, 128);
        }
      }
      assertThat(agreed).isGreaterThan(PLANE * 97 / 100);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void anImageKeepsItsShapeAndTheSeedAloneDecides(Augmentation augmentation) {
    Sample before = rectangle();
    for (int i = 0; i < 20; i++) {
      Sample made = augmentation.apply(before, Seed.of(2).child(i));
      assertThat(made.image().height()).isEqualTo(HEIGHT);
      assertThat(made.image().width()).isEqualTo(WIDTH);
      assertThat(made.annotation().mask()).hasSize(PLANE);
      assertThat(made.annotation().label()).isEqualTo(3);
      Sample again = augmentation.apply(rectangle(), Seed.of(2).child(i));
      assertThat(again.image().rgb()).isEqualTo(made.image().rgb());
      assertThat(again.annotation().mask()).isEqualTo(made.annotation().mask());
      assertThat(again.annotation().boxes()).isEqualTo(made.annotation().boxes());
    }
    assertThat(before.image().rgb()).isEqualTo(rectangle().image().rgb());
    assertThat(before.annotation().mask()).isEqualTo(rectangle().annotation().mask());
  }

  @ParameterizedTest
  @MethodSource("all")
  void anImageWithoutBoxesOrMaskGoesThrough(Augmentation augmentation) {
    Sample bare = new Sample(rectangle().image(), Annotation.ofClass(3));
    for (Sample made : draws(augmentation, bare)) {
      assertThat(made.annotation().boxes()).isEmpty();
      assertThat(made.annotation().mask()).isEmpty();
      assertThat(made.image().rgb()).hasSize(3 * PLANE);
    }
  }

  @ParameterizedTest
  @EnumSource(Labelling.class)
  void whatIsPublishedChangesImages(Labelling labelling) {
    assertThat(untouched(published(labelling))).isLessThan(DRAWS / 10);
  }

  @Test
  void everySecondImageIsExpandedAndEverySecondIsBlurred() {
    assertThat(untouched(expanded(Expand.standard()))).isBetween(120L, 180L);
    assertThat(untouched(GaussianBlur.standard())).isBetween(120L, 180L);
    assertThat(untouched(expanded(new Expand(0, 4)))).isEqualTo(DRAWS);
    assertThat(untouched(new GaussianBlur(1, 1, 1))).isZero();
  }

  @Test
  void everySeventhImageStaysWhole() {
    assertThat(untouched(cropped(OverlapCrop.standard()))).isBetween(25L, 75L); // in the mean 43
  }

  @Test
  void anExpandedImageIsUpToFourTimesSmaller() {
    double least = 1;
    double most = 0;
    for (Sample made : draws(expanded(new Expand(1, 4)), rectangle())) {
      double share = Math.sqrt(made.annotation().boxes().getFirst().area() / RED.area());
      least = Math.min(least, share);
      most = Math.max(most, share);
    }
    assertThat(least).isBetween(.245, .26);
    assertThat(most).isBetween(.95, 1.);
  }

  @Test
  void aCropOverlapsAnObjectByTheMinimumOrIsNotMade() {
    OverlapCrop half = new OverlapCrop(List.of(.5), .3, 2, 1000); // trials enough to find one
    int cropped = 0;
    for (Sample made : draws(cropped(half), rectangle())) {
      Box box = made.annotation().boxes().getFirst();
      cropped += box.equals(RED) ? 0 : 1;
      if (!box.equals(RED)) { // the part of the crop that the object fills is at least the overlap
        assertThat(box.area() / PLANE).isGreaterThanOrEqualTo(.5f);
      }
    }
    assertThat(cropped).isBetween(110, 190); // the others stay whole
    Box dot = new Box(3, 30, 40, 33, 43);
    OverlapCrop most = new OverlapCrop(List.of(.9), .3, 2, 50);
    for (Sample made : draws(cropped(most), rectangle(List.of(dot)))) {
      assertThat(made.annotation().boxes()).containsExactly(dot);
    }
  }

  @Test
  void boxesWhoseCentreIsCutOffAreLeftOut() {
    Box wide = new Box(1, 0, 0, WIDTH, HEIGHT);
    Box corner = new Box(2, 0, 0, 10, 10);
    OverlapCrop any = new OverlapCrop(List.of(0.), .3, 2, 50);
    boolean left = false;
    for (Sample made : draws(cropped(any), rectangle(List.of(wide, corner, RED)))) {
      List<Box> boxes = made.annotation().boxes();
      assertThat(boxes).isNotEmpty();
      left |= boxes.size() < 3;
      for (Box box : boxes) {
        assertThat(box.left()).isGreaterThanOrEqualTo(0);
        assertThat(box.top()).isGreaterThanOrEqualTo(0);
        assertThat(box.right()).isLessThanOrEqualTo(WIDTH + .001f);
        assertThat(box.bottom()).isLessThanOrEqualTo(HEIGHT + .001f);
        assertThat(box.area()).isPositive();
      }
    }
    assertThat(left).isTrue();
  }

  @Test
  void blurKeepsAConstantImageAndCalmsNoise() {
    byte[] noise = new byte[3 * PLANE];
    byte[] constant = new byte[3 * PLANE];
    Seed.of(1).random().nextBytes(noise);
    Arrays.fill(constant, (byte) 201);
    GaussianBlur one = new GaussianBlur(1, 1, 1);
    assertThat(one.apply(plain(constant), Seed.of(3)).image().rgb()).isEqualTo(constant);
    byte[] calm = one.apply(plain(noise), Seed.of(3)).image().rgb();
    // white noise of variance v under a Gaussian: v / 4πσ²
    assertThat(variance(calm) / variance(noise)).isBetween(.07, .09);
  }

  @Test
  void blurSpreadsAPointByItsDeviation() {
    byte[] rgb = new byte[3 * PLANE];
    int middle = 48 * WIDTH + 60;
    rgb[middle] = (byte) 255;
    for (double deviation : new double[] {.6, 1, 1.5}) {
      byte[] spread =
          new GaussianBlur(1, deviation, deviation).apply(plain(rgb), Seed.of(1)).image().rgb();
      double peak = 255 / (2 * Math.PI * deviation * deviation);
      double beside = peak * Math.exp(-1 / (2 * deviation * deviation));
      assertThat((spread[middle + 1] & 255) / beside).isBetween(.9, 1.1);
      assertThat(spread[middle + WIDTH]).isEqualTo(spread[middle - 1]);
      assertThat(spread[PLANE + middle]).isZero();
    }
  }

  @Test
  void blurLeavesMaskAndBoxesAlone() {
    Sample before = rectangle();
    for (Sample made : draws(GaussianBlur.standard(), before)) {
      assertThat(made.annotation()).isSameAs(before.annotation());
    }
  }

  @Test
  void aBlurWiderThanTheImageIsFine() {
    Sample dot =
        new Sample(new Pixels(1, 2, new byte[] {0, 100, 0, 100, 0, 100}), Annotation.ofClass(0));
    byte[] made = new GaussianBlur(1, 5, 5).apply(dot, Seed.of(1)).image().rgb();
    assertThat(made).containsExactly(50, 50, 50, 50, 50, 50);
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Expand(2, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> new Expand(.5, .5));
    assertThatIllegalArgumentException().isThrownBy(() -> new GaussianBlur(.5, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new GaussianBlur(.5, 2, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OverlapCrop(List.of(1.), .3, 2, 50))
        .withMessageContaining("1.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new OverlapCrop(List.of(.5), 0, 2, 50));
    assertThatIllegalArgumentException().isThrownBy(() -> new OverlapCrop(List.of(.5), .3, .5, 50));
    assertThatIllegalArgumentException().isThrownBy(() -> new OverlapCrop(List.of(.5), .3, 2, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> ObjectCrop.standard(0));
    assertThatIllegalArgumentException().isThrownBy(() -> new RandomCrop(0, 2, true, 10, 32));
    assertThatIllegalArgumentException().isThrownBy(() -> new RandomCrop(2, 1, true, 10, 32));
    assertThatIllegalArgumentException().isThrownBy(() -> new RandomCrop(1, 2, true, 181, 32));
    assertThatIllegalArgumentException().isThrownBy(() -> new RandomCrop(1, 2, true, 10, 0));
  }

  private static Sample plain(byte[] rgb) {
    return new Sample(new Pixels(HEIGHT, WIDTH, rgb), Annotation.ofClass(0));
  }

  private static double variance(byte[] values) {
    double sum = 0;
    double squares = 0;
    for (byte value : values) {
      sum += value & 255;
      squares += (value & 255) * (value & 255);
    }
    double mean = sum / values.length;
    return squares / values.length - mean * mean;
  }
}
