package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.attack.Attack;
import io.realign.attack.Bim;
import io.realign.attack.DetectorStep;
import io.realign.attack.Norm;
import io.realign.attack.PixelPgd;
import io.realign.data.Annotation;
import io.realign.data.Dataset;
import io.realign.data.Part;
import io.realign.data.Sample;
import io.realign.data.Scenes;
import io.realign.data.Subset;
import io.realign.defense.Purifiers;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.task.Outputs;
import io.realign.task.Segmentation;
import io.realign.task.Task;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Masks and boxes under every threat, and with JPEG behind the defense. */
final class DenseEvaluationTest {

  private static final int SIDE = 16;
  private static final Attack BIM = new Bim(Norm.LINF, .03, .01, 4, 1, 1);

  /** The left half of an image is brighter in one channel, the right half in another. */
  private record Halves(int size) implements Dataset {
    @Override
    public String name() {
      return "halves";
    }

    @Override
    public List<String> classes() {
      return List.of("green", "blue");
    }

    @Override
    public List<String> maskClasses() {
      return List.of("red", "green", "blue");
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Sample get(int index) {
      SplittableRandom random = Seed.of(7).child(index).random();
      byte[] rgb = new byte[3 * SIDE * SIDE];
      byte[] mask = new byte[SIDE * SIDE];
      int margin = random.nextInt(4, 30); // of 255; ε .03 moves 15 levels between two channels
      for (int i = 0; i < rgb.length; i++) {
        int at = i % (SIDE * SIDE);
        int label = (index + (at % SIDE < SIDE / 2 ? 0 : 1)) % 3;
        mask[at] = (byte) label;
        rgb[i] = (byte) (100 + random.nextInt(3) + (i / (SIDE * SIDE) == label ? margin : 0));
      }
      return new Sample(new Pixels(SIDE, SIDE, rgb), new Annotation(0, mask, List.of()));
    }
  }

  /** A pixel's channels, scaled, are its logits. */
  private record PixelNet(double scale) implements Target {
    PixelNet() {
      this(20);
    }

    @Override
    public String name() {
      return "pixel-net";
    }

    @Override
    public Task task() {
      return new Segmentation();
    }

    @Override
    public int classes() {
      return 3;
    }

    @Override
    public int imageSize() {
      return SIDE;
    }

    @Override
    public Outputs forward(Tensor images) {
      return new Outputs(Ops.scale(images, scale), images);
    }
  }

  private static List<Result> results(
      Target target,
      Dataset data,
      Optional<Defense> defense,
      List<Attack> attacks,
      Set<Threat> threats) {
    return results(target, target, data, defense, attacks, threats);
  }

  private static List<Result> results(
      Target target,
      Target surrogate,
      Dataset data,
      Optional<Defense> defense,
      List<Attack> attacks,
      Set<Threat> threats) {
    return evaluation(target, surrogate, data, defense, attacks, threats).results();
  }

  private static Evaluation evaluation(
      Target target,
      Target surrogate,
      Dataset data,
      Optional<Defense> defense,
      List<Attack> attacks,
      Set<Threat> threats) {
    return Fixtures.run(
        new EvaluationPlan(
            target,
            "c".repeat(64),
            defense,
            threats.contains(Threat.BLACK_BOX) ? Optional.of(surrogate) : Optional.empty(),
            target.task(),
            data,
            "test",
            attacks,
            threats,
            new EvaluationPlan.Settings(4, 3, false, Compute.CPU),
            new Result.Provenance(3, "commit", "machine", Map.of())));
  }

  private static double value(
      List<Result> results, boolean defended, String attack, Threat threat) {
    return results.stream()
        .filter(r -> (r.defense() != null) == defended)
        .filter(r -> r.attack() != null && r.attack().name().equals(attack))
        .filter(r -> r.threat() == threat)
        .findFirst()
        .orElseThrow()
        .value();
  }

  @Test
  void anAttackerOfMasksSeesWhatTheThreatSays() {
    Defense turned = Fixtures.defense(x -> Ops.affine(x, -1, 1)); // and so are all answers
    List<Attack> attacks = List.of(BIM, PixelPgd.standard(PixelPgd.Kind.MASKED));
    List<Result> all =
        results(
            new PixelNet(),
            new Halves(12),
            Optional.of(turned),
            attacks,
            EnumSet.allOf(Threat.class));
    assertThat(all).hasSize(2 * (1 + 3 * attacks.size()));
    assertThat(all).allSatisfy(result -> assertThat(result.metric()).isEqualTo("mIoU"));
    assertThat(all.getFirst().value()).isEqualTo(1);
    assertThat(all).allSatisfy(DenseEvaluationTest::assertMeanOfItsClasses);
    assertThat(all.getFirst().classes())
        .extracting(Result.ClassFigure::name)
        .containsExactly("red", "green", "blue");
    assertThat(all.getFirst().classes())
        .extracting(Result.ClassFigure::images)
        .containsExactly(8L, 8L, 8L); // each is in two thirds of the images
    for (Attack attack : attacks) {
      double bare = value(all, false, attack.name(), Threat.OBLIVIOUS);
      assertThat(bare).isLessThan(.8);
      assertThat(value(all, false, attack.name(), Threat.BLACK_BOX)).isEqualTo(bare);
      double oblivious = value(all, true, attack.name(), Threat.OBLIVIOUS);
      assertThat(value(all, true, attack.name(), Threat.BLACK_BOX)).isEqualTo(oblivious);
      assertThat(value(all, true, attack.name(), Threat.ADAPTIVE)).isLessThan(oblivious);
    }
  }

  /**
   * What this surrogate is sure of is wrong for the target, so its attacker does the target good.
   */
  @Test
  void anAttackerInABlackBoxHasTheGradientsOfTheSurrogateAlone() {
    List<Attack> attacks = List.of(BIM, PixelPgd.standard(PixelPgd.Kind.MASKED));
    List<Result> all =
        results(
            new PixelNet(),
            new PixelNet(-20),
            new Halves(12),
            Optional.empty(),
            attacks,
            EnumSet.of(Threat.OBLIVIOUS, Threat.BLACK_BOX));
    for (Attack attack : attacks) {
      assertThat(value(all, false, attack.name(), Threat.OBLIVIOUS)).isLessThan(.8);
      assertThat(value(all, false, attack.name(), Threat.BLACK_BOX)).isGreaterThan(.9);
    }
    assertThat(all)
        .filteredOn(result -> result.threat() == Threat.BLACK_BOX)
        .allSatisfy(
            result ->
                assertThat(Objects.requireNonNull(result.attack()).parameters())
                    .containsEntry("surrogate", "pixel-net"));
  }

  /** 12 images of 256 pixels in two of three classes, clean and attacked; 300 are shown of each. */
  @Test
  void ofFewImagesManyPixelsAreShownOfAllClassesAlike() {
    Target net = new PixelNet();
    Halves images = new Halves(12);
    List<FeaturePoint> points =
        evaluation(net, net, images, Optional.empty(), List.of(BIM), EnumSet.of(Threat.OBLIVIOUS))
            .features();
    assertThat(points).hasSize(2 * 300);
    for (int label = 0; label < 3; label++) {
      int own = label;
      assertThat(points.stream().filter(point -> point.label() == own).count())
          .isBetween(180L, 220L);
    }
    assertThat(points)
        .filteredOn(point -> point.state() == ImageState.CLEAN)
        .allSatisfy(
            point -> {
              float[] channels = point.features();
              for (float channel : channels) { // a clean pixel is brightest in its class's
                assertThat(channel).isLessThanOrEqualTo(channels[point.label()]);
              }
            });
  }

  private static void assertMeanOfItsClasses(Result result) {
    double mean =
        result.classes().stream().mapToDouble(Result.ClassFigure::value).average().orElseThrow();
    assertThat(mean).isCloseTo(result.value(), within(1e-9));
  }

  @Test
  void anAttackerOfMasksGoesStraightThroughJpeg() {
    Defense jpeg = new Defense("jpeg", Purifiers.of("jpeg:75"), "d".repeat(64));
    List<Result> all =
        results(
            new PixelNet(),
            new Halves(12),
            Optional.of(jpeg),
            List.of(BIM),
            EnumSet.of(Threat.OBLIVIOUS, Threat.ADAPTIVE));
    double clean =
        all.stream()
            .filter(r -> r.defense() != null && r.attack() == null)
            .findFirst()
            .orElseThrow()
            .value();
    assertThat(value(all, true, "bim", Threat.ADAPTIVE)).isLessThan(clean - .1);
  }

  @Test
  void boxesAreScoredUnderEveryThreat() {
    Target target = Targets.trainable("ssd-compact-64", 10, Seed.of(7), Compute.CPU).freeze();
    Dataset data = Subset.first(Scenes.ofMany(64, Part.TEST), 6);
    Defense jpeg = new Defense("jpeg", Purifiers.of("jpeg:75"), "d".repeat(64));
    List<Attack> attacks = List.of(DetectorStep.standard(DetectorStep.Part.BOTH), BIM);
    List<Result> all =
        results(target, data, Optional.of(jpeg), attacks, EnumSet.allOf(Threat.class));
    assertThat(all).hasSize(2 * (1 + 3 * attacks.size()));
    assertThat(all)
        .allSatisfy(
            result -> {
              assertThat(result.metric()).isEqualTo("mAP");
              assertThat(result.n()).isEqualTo(6);
              assertThat(result.value()).isBetween(0.0, 1.0);
              assertMeanOfItsClasses(result);
            });
    List<Result> again =
        results(target, data, Optional.of(jpeg), attacks, EnumSet.allOf(Threat.class));
    assertThat(again).extracting(Result::value).isEqualTo(all.stream().map(Result::value).toList());
  }
}
