package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.defense.Defended;
import io.realign.defense.Purifier;
import io.realign.evaluate.MaskingSign.Kind;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The probe on nets for masks and boxes: a plain net raises no sign, rounded pixels do. */
@ExtendWith(OneCore.class)
class DenseMaskingProbeTest {

  private static final int CLASSES = 4;
  private static final Purifier ROUNDING =
      new Purifier() {
        @Override
        public String name() {
          return "rounding";
        }

        @Override
        public Tensor purify(Tensor x) {
          return Ops.scale(Ops.scale(x, 2).round(), .5);
        }
      };

  private static Target target(String architecture) {
    return Targets.trainable(architecture, CLASSES, Seed.of(7), Compute.CPU).freeze();
  }

  private static Tensor images(int side) {
    return Seed.of(1).uniform(0, 1, 4, 3, side, side);
  }

  /** What the target says of the images, taken for the truth. */
  private static Tensor said(Target target, Tensor images) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return target.task().asLabels(target.task().predictions(target.forward(images)));
    }
  }

  private static List<MaskingSign> signs(
      Target seen, Optional<Target> elsewhere, Tensor images, Tensor labels) {
    try (Workers workers = new Workers(1, 1)) {
      return new MaskingProbe(seen, elsewhere, .031, Seed.of(5))
          .run(workers, List.of(images), List.of(labels), Evaluator.Progress.NONE);
    }
  }

  private static Set<Kind> raised(List<MaskingSign> signs) {
    return signs.stream()
        .filter(MaskingSign::raised)
        .map(MaskingSign::kind)
        .collect(Collectors.toSet());
  }

  @Test
  void roundedPixelsBeforeMasksAreUnmasked() {
    Target target = target("deeplabv3-compact");
    Tensor images = images(24);
    Tensor labels = said(target, images);
    List<MaskingSign> plain = signs(target, Optional.empty(), images, labels);
    assertThat(plain)
        .extracting(MaskingSign::kind)
        .containsExactly(
            Kind.RANDOMISED,
            Kind.PROBABILITIES,
            Kind.NO_GRADIENT,
            Kind.STEPS_DO_NOT_HELP,
            Kind.UNBOUNDED_FAILS);
    assertThat(plain).allSatisfy(sign -> assertThat(sign.evidence()).isNotBlank());
    assertThat(plain.getLast().evidence()).contains("of mIoU 100.0 %");
    assertThat(raised(plain)).isEmpty();
    Target rounded = new Defended(target, ROUNDING);
    assertThat(raised(signs(rounded, Optional.of(target), images, said(rounded, images))))
        .contains(Kind.NO_GRADIENT, Kind.UNBOUNDED_FAILS);
  }

  @Test
  void roundedPixelsBeforeBoxesAreUnmasked() {
    Target target = target("ssd-compact-64");
    Tensor images = images(64);
    Tensor labels = said(target, images);
    assertThat(raised(signs(target, Optional.empty(), images, labels)))
        .doesNotContain(Kind.NO_GRADIENT, Kind.RANDOMISED, Kind.PROBABILITIES);
    Target rounded = new Defended(target, ROUNDING);
    assertThat(raised(signs(rounded, Optional.empty(), images, said(rounded, images))))
        .contains(Kind.NO_GRADIENT);
  }
}
