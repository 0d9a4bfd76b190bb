package io.realign.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneCore.class)
class ScopeTest {

  private static Tensor ones(int n) {
    return Ops.floats(filled(n), n);
  }

  private static float[] filled(int n) {
    float[] values = new float[n];
    java.util.Arrays.fill(values, 1);
    return values;
  }

  @Test
  void freesWhatItDoesNotKeep() {
    Tensor kept;
    Tensor lost;
    try (Scope scope = Scope.open()) {
      lost = ones(3);
      kept = scope.keep(ones(4));
    }
    assertThat(lost.isNull()).isTrue();
    assertThat(Ops.toFloats(kept)).containsExactly(1, 1, 1, 1);
  }

  @Test
  void handsWhatItKeepsToTheScopeAround() {
    Tensor kept;
    Tensor twice;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        kept = inner.keep(ones(4));
        twice = inner.keep(ones(2));
      }
      assertThat(Ops.toFloats(kept)).hasSize(4);
      outer.keep(twice);
    }
    assertThat(kept.isNull()).isTrue();
    assertThat(Ops.toFloats(twice)).containsExactly(1, 1);
  }

  @Test
  void releasesWhatOutlivesAllScopes() {
    Tensor free;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        free = inner.release(ones(4));
      }
    }
    assertThat(Ops.toFloats(free)).containsExactly(1, 1, 1, 1);
    free.close();
    assertThat(free.isNull()).isTrue();
  }

  @Test
  void keepsOnlyTheResultOfABody() {
    Tensor[] lost = new Tensor[1];
    Tensor result =
        Scope.result(
            () -> {
              lost[0] = ones(3);
              return lost[0].add(lost[0]);
            });
    assertThat(lost[0].isNull()).isTrue();
    assertThat(Ops.toFloats(result)).containsExactly(2, 2, 2);
  }

  @Test
  void keepsMemoryFlat() {
    int million = 1_000_000;
    long before = 0;
    for (int i = 0; i < 120; i++) {
      if (i == 20) {
        before = Pointer.physicalBytes();
      }
      try (Scope scope = Scope.open()) {
        Tensor inner = Scope.result(() -> Seed.of(1).uniform(0, 1, million));
        inner.add(inner);
      }
    }
    assertThat(Pointer.physicalBytes() - before).isLessThan(40 << 20); // 800 MB were made
  }
}
