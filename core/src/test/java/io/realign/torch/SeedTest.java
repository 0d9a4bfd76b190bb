package io.realign.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class SeedTest {

  /** FNV-1a and SplitMix64, computed elsewhere: a run of an older version can be repeated. */
  @Test
  void streamsAreTheSameForGood() {
    assertThat(Seed.of(1).child("attack").value()).isEqualTo(-7927772255178063573L);
    assertThat(Seed.of(1).child("attack").child(7).value()).isEqualTo(2373455251061934017L);
    assertThat(Seed.of(0).child(0).value()).isEqualTo(-2152535657050944081L);
    // torch.rand(4, generator=torch.Generator().manual_seed(42)) in Python
    assertThat(Ops.toFloats(Seed.of(42).uniform(0, 1, 4)))
        .containsExactly(
            new float[] {.88226926f, .91500396f, .38286376f, .95930564f}, within(1e-7f));
  }

  @Test
  void drawsDependOnTheStreamAlone() {
    Seed seed = Seed.of(5).child("x");
    float[] first = Ops.toFloats(seed.normal(1, 20));
    seed.child(1).uniform(0, 1, 100);
    assertThat(Ops.toFloats(seed.normal(1, 20))).isEqualTo(first);
    assertThat(seed.random().nextLong()).isEqualTo(Seed.of(5).child("x").random().nextLong());
  }

  @Test
  void streamsDoNotMeet() {
    Set<Long> values = new HashSet<>();
    int made = 0;
    for (long root = 0; root < 20; root++) {
      for (String purpose : new String[] {"attack", "data", "validation", "", "attack "}) {
        for (int i = 0; i < 50; i++) {
          values.add(Seed.of(root).child(purpose).child(i).value());
          values.add(Seed.of(root).child(i).child(purpose).value());
          made += 2;
        }
      }
    }
    assertThat(values).hasSize(made);
    float[] a = Ops.toFloats(Seed.of(1).child(0).normal(1, 4000));
    float[] b = Ops.toFloats(Seed.of(1).child(1).normal(1, 4000));
    double product = 0;
    for (int i = 0; i < a.length; i++) {
      product += a[i] * b[i];
    }
    assertThat(product / a.length).isCloseTo(0, within(.06));
  }

  @Test
  void drawsHaveTheAskedRangeAndDeviation() {
    Tensor uniform = Seed.of(3).uniform(-2, 4, 20_000);
    assertThat(uniform.min().item_float()).isBetween(-2f, -1.99f);
    assertThat(uniform.max().item_float()).isBetween(3.99f, 4f);
    assertThat(uniform.mean().item_double()).isCloseTo(1, within(.05));
    Tensor normal = Seed.of(3).normal(.5, 20_000);
    assertThat(normal.mean().item_double()).isCloseTo(0, within(.02));
    assertThat(normal.std().item_double()).isCloseTo(.5, within(.02));
    assertThat(Ops.shape(Seed.of(3).normal(1, 2, 3))).containsExactly(2, 3);
  }
}
