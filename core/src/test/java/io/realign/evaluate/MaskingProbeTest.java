package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.defense.Defended;
import io.realign.defense.Purifier;
import io.realign.evaluate.MaskingSign.Kind;
import io.realign.target.Target;
import io.realign.target.TinyTarget;
import io.realign.task.Outputs;
import io.realign.torch.OneCore;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Planted defenses are unmasked; a plain net raises no sign. */
@ExtendWith(OneCore.class)
class MaskingProbeTest {

  private static final int SIZE = 12;

  private final TinyTarget target = new TinyTarget(5, SIZE, Seed.of(3));
  private final Tensor images = Seed.of(1).uniform(0, 1, 40, 3, SIZE, SIZE);
  private final Tensor labels = target.predictions(images);

  private Set<Kind> raised(Target seen, Optional<Target> elsewhere) {
    try (Workers workers = new Workers(1, 1)) {
      List<MaskingSign> signs =
          new MaskingProbe(seen, elsewhere, .02, Seed.of(5))
              .run(
                  workers,
                  List.of(images.narrow(0, 0, 20), images.narrow(0, 20, 20)),
                  List.of(labels.narrow(0, 0, 20), labels.narrow(0, 20, 20)),
                  Evaluator.Progress.NONE);
      assertThat(signs).hasSize(elsewhere.isPresent() ? 7 : 6);
      assertThat(signs).allSatisfy(sign -> assertThat(sign.evidence()).isNotBlank());
      return signs.stream()
          .filter(MaskingSign::raised)
          .map(MaskingSign::kind)
          .collect(Collectors.toSet());
    }
  }

  private Target behind(Purifier purifier) {
    return new Defended(target, purifier);
  }

  @Test
  void aPlainNetRaisesNoSign() {
    assertThat(raised(target, Optional.empty())).isEmpty();
    assertThat(raised(target, Optional.of(new TinyTarget(5, SIZE, Seed.of(8))))).isEmpty();
  }

  /** Shattered gradients: pixels are rounded to five values. */
  @Test
  void roundedPixelsAreUnmasked() {
    Purifier rounding =
        new Purifier() {
          @Override
          public String name() {
            return "rounding";
          }

          @Override
          public Tensor purify(Tensor x) {
            return Ops.scale(Ops.scale(x, 4).round(), .25);
          }
        };
    assertThat(raised(behind(rounding), Optional.of(target)))
        .contains(Kind.NO_GRADIENT, Kind.UNBOUNDED_FAILS, Kind.SCORES_WIN, Kind.TRANSFER_WINS);
  }

  @Test
  void addedNoiseIsUnmasked() {
    assertThat(raised(behind(new Noise(Seed.of(1))), Optional.empty())).contains(Kind.RANDOMISED);
  }

  private record Noise(Seed seed) implements Purifier {
    @Override
    public String name() {
      return "noise";
    }

    @Override
    public boolean randomised() {
      return true;
    }

    @Override
    public Purifier drawn(Seed draws) {
      return new Noise(draws);
    }

    @Override
    public Tensor purify(Tensor images) {
      return Ops.clamp(images.add(seed.normal(.05, Ops.shape(images))), 0, 1);
    }
  }

  /** A softmax so steep that it is 0 or 1 in fp32. */
  @Test
  void aSaturatedSoftmaxIsUnmasked() {
    Target saturated =
        new Target() {
          @Override
          public String name() {
            return "saturated";
          }

          @Override
          public int classes() {
            return target.classes();
          }

          @Override
          public int imageSize() {
            return target.imageSize();
          }

          @Override
          public Outputs forward(Tensor x) {
            Outputs outputs = target.forward(x);
            return new Outputs(Ops.scale(outputs.logits(), 1e4).softmax(1), outputs.features());
          }
        };
    assertThat(raised(saturated, Optional.of(target)))
        .contains(Kind.PROBABILITIES, Kind.NO_GRADIENT);
  }

  /** A step that leaves no graph at all stops no attack: it is reported. */
  @Test
  void aCutGraphIsUnmasked() {
    Purifier cut =
        new Purifier() {
          @Override
          public String name() {
            return "cut";
          }

          @Override
          public Tensor purify(Tensor x) {
            return x.detach().clone();
          }
        };
    assertThat(raised(behind(cut), Optional.of(target))).contains(Kind.NO_GRADIENT);
  }
}
