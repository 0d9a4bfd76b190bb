package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.realign.defense.Purifier;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** A defense that answers by chance is asked several times. */
class RandomisedScoringTest {

  /** Inverts the images, so that answers are wrong, in about a third of all draws. */
  private record Turning(Optional<Seed> draws) implements Purifier {
    @Override
    public String name() {
      return "turning";
    }

    @Override
    public boolean randomised() {
      return true;
    }

    @Override
    public Purifier drawn(Seed seed) {
      return new Turning(Optional.of(seed));
    }

    @Override
    public Tensor purify(Tensor images) {
      boolean turned = draws.orElseThrow().random().nextInt(3) == 0;
      return turned ? Ops.affine(images, -1, 1) : images;
    }
  }

  @Test
  void countsAnImageWhereEveryDrawIsRight() {
    Defense defense = new Defense("turning", new Turning(Optional.empty()), "d".repeat(64));
    EvaluationPlan plan =
        Fixtures.plan(96, Optional.of(defense), List.of(), EnumSet.of(Threat.OBLIVIOUS), false);
    List<Result> results = Fixtures.run(plan).results();
    Result bare = results.get(0);
    Result defended = results.get(1);
    assertThat(bare.draws()).isNull();
    Result.Draws draws = Objects.requireNonNull(defended.draws());
    assertThat(draws.count()).isEqualTo(3);
    assertThat(defended.value()).isLessThan(draws.majority());
    assertThat(draws.majority()).isLessThan(bare.value() + 1e-9);
    assertThat(draws.mean()).isBetween(defended.value(), bare.value());
  }

  @Test
  void writesTheShareOfDrawsOfEachImage() {
    Defense defense = new Defense("turning", new Turning(Optional.empty()), "d".repeat(64));
    EvaluationPlan plan =
        Fixtures.plan(96, Optional.of(defense), List.of(), EnumSet.of(Threat.OBLIVIOUS), false);
    Evaluation found = Fixtures.run(plan);
    double mean =
        found.samples().stream()
            .filter(sample -> sample.defense() != null)
            .mapToDouble(SampleOutcome::rate)
            .average()
            .orElseThrow();
    assertThat(mean)
        .isCloseTo(Objects.requireNonNull(found.results().get(1).draws()).mean(), within(1e-9));
    assertThat(found.samples())
        .allMatch(sample -> sample.right() == (sample.rate() > .999))
        .anyMatch(sample -> sample.rate() > .3 && sample.rate() < .7);
  }
}
