package io.realign.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(OneCore.class)
class WorkersTest {

  private static List<Tensor> work(int i) {
    Tensor image = Seed.of(i).uniform(0, 1, 2, 3, 16, 16);
    Tensor weight = Seed.of(i).child("weight").normal(.1, 8, 3, 3, 3).requires_grad_(true);
    Tensor loss = Convolutions.conv2d(image, weight, null, 1, 1, 1).relu().mean();
    List<Tensor> results = new ArrayList<>();
    results.add(loss.detach());
    results.addAll(Ops.gradients(loss, List.of(weight), false));
    return results;
  }

  private static List<float[]> values(int workers) {
    try (Workers some = new Workers(workers, 1);
        Scope scope = Scope.open()) {
      return some.map(9, WorkersTest::work).stream()
          .flatMap(List::stream)
          .map(Ops::toFloats)
          .toList();
    }
  }

  @Test
  void giveTheSameBitsHoweverManyThereAre() {
    List<float[]> one = values(1);
    List<float[]> two = values(2);
    assertThat(one).hasSize(18);
    for (int i = 0; i < one.size(); i++) {
      assertThat(two.get(i)).isEqualTo(one.get(i));
    }
  }

  @Test
  void answerInTheOrderOfTheJobs() {
    try (Workers two = new Workers(2, 1)) {
      List<List<Tensor>> results =
          two.map(6, i -> List.of(Ops.longs(new long[] {i}, 1), Ops.longs(new long[] {-i}, 1)));
      for (int i = 0; i < 6; i++) {
        assertThat(Ops.toLongs(results.get(i).get(0))).containsExactly(i);
        assertThat(Ops.toLongs(results.get(i).get(1))).containsExactly(-i);
      }
    }
  }

  @Test
  void passExceptionsOnAfterAllJobsAreDone() {
    try (Workers two = new Workers(2, 1)) {
      Set<Integer> done = Collections.newSetFromMap(new ConcurrentHashMap<>());
      assertThatThrownBy(
              () ->
                  two.map(
                      4,
                      i -> {
                        if (i == 1) {
                          throw new IllegalArgumentException("job 1 is bad");
                        }
                        done.add(i);
                        return List.of();
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("job 1 is bad");
      assertThat(done).containsExactlyInAnyOrder(0, 2, 3);
      assertThat(two.map(1, WorkersTest::work)).hasSize(1); // and go on working
    }
  }

  @Test
  void handTheirTensorsToTheScopeOfTheCaller() {
    try (Workers two = new Workers(2, 1)) {
      List<List<Tensor>> results;
      try (Scope scope = Scope.open()) {
        results = two.map(2, WorkersTest::work);
        assertThat(results.getFirst().getFirst().isNull()).isFalse();
      }
      assertThat(results.getFirst()).allMatch(tensor -> tensor.isNull());
    }
  }

  @Test
  void keepMemoryFlatOver500Maps() {
    try (Workers two = new Workers(2, 1)) {
      long before = 0;
      for (int i = 0; i < 520; i++) {
        if (i == 20) {
          before = Pointer.physicalBytes();
        }
        try (Scope scope = Scope.open()) {
          two.map(2, job -> List.of(Ops.shift(Seed.of(job).uniform(0, 1, 50_000), 1)));
        }
      }
      assertThat(Pointer.physicalBytes() - before).isLessThan(40 << 20); // 200 MB were kept
    }
  }

  @Test
  void shareTheCoresOutAndGiveThemBack() {
    torch.set_num_threads(2);
    try (Workers one = Workers.forJobs(1)) {
      assertThat(one.count()).isEqualTo(1);
      assertThat(torch.get_num_threads()).isEqualTo(2);
    }
    try (Workers three = Workers.forJobs(3)) {
      assertThat(three.count()).isEqualTo(2);
      assertThat(torch.get_num_threads()).isEqualTo(1);
    }
    assertThat(torch.get_num_threads()).isEqualTo(2);
    torch.set_num_threads(1);
    assertThatIllegalArgumentException().isThrownBy(() -> new Workers(0, 1));
  }
}
