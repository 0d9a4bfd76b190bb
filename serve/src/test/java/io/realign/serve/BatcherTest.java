package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who shares a pass with whom, and when it starts. */
@Timeout(20)
final class BatcherTest {

  private static final List<Integer> PASSES = new CopyOnWriteArrayList<>();
  private static final List<Throwable> FAILURES = new CopyOnWriteArrayList<>();

  /** Squares numbers; those of one name share a pass. */
  private record Squares(String name, long pixels) implements Work<Integer, Integer> {

    @Override
    public String model() {
      return name;
    }

    @Override
    public String kind() {
      return "square";
    }

    @Override
    public List<Integer> apply(List<Integer> inputs) {
      PASSES.add(inputs.size());
      return inputs.stream()
          .map(
              number -> {
                if (number < 0) {
                  throw new IllegalStateException("below 0");
                }
                return number * number;
              })
          .toList();
    }
  }

  private static Batcher batcher(int images, long waitMillis, int workers) {
    PASSES.clear();
    FAILURES.clear();
    return new Batcher(
        new Batching(images, Duration.ofMillis(waitMillis), workers), new Metrics(), FAILURES::add);
  }

  private static List<Integer> squares(Batcher batcher, int count, Work<Integer, Integer> work)
      throws Exception {
    try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int number = i;
        running.add(crowd.submit(() -> batcher.run(work, number)));
      }
      List<Integer> results = new ArrayList<>();
      for (Future<Integer> each : running) {
        results.add(each.get());
      }
      return results;
    }
  }

  @Test
  void eachGetsItsOwnResultAndFullBatchesDoNotWait() throws Exception {
    try (Batcher batcher = batcher(8, 1000, 2)) {
      long start = System.nanoTime();
      List<Integer> results = squares(batcher, 64, new Squares("a", 1));
      for (int i = 0; i < 64; i++) {
        assertThat(results.get(i)).isEqualTo(i * i);
      }
      assertThat(PASSES).hasSize(8).containsOnly(8);
      assertThat(System.nanoTime() - start).isLessThan(TimeUnit.MILLISECONDS.toNanos(900));
    }
  }

  @Test
  void oneThatIsAloneWaitsNoLongerThanItMust() throws Exception {
    try (Batcher batcher = batcher(8, 50, 1)) {
      long start = System.nanoTime();
      assertThat(squares(batcher, 3, new Squares("a", 1))).containsExactly(0, 1, 4);
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      assertThat(millis).isBetween(45L, 1000L);
      assertThat(PASSES).containsExactly(3);
    }
  }

  @Test
  void largeImagesGoAlone() throws Exception {
    try (Batcher batcher = batcher(8, 1, 1)) {
      squares(batcher, 4, new Squares("a", Batcher.PASS_PIXELS));
      assertThat(PASSES).containsExactly(1, 1, 1, 1);
    }
  }

  @Test
  void differentWorksDoNotMix() throws Exception {
    try (Batcher batcher = batcher(2, 1000, 1);
        ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<List<Integer>> a = crowd.submit(() -> squares(batcher, 4, new Squares("a", 1)));
      Future<List<Integer>> b = crowd.submit(() -> squares(batcher, 4, new Squares("b", 1)));
      assertThat(a.get()).isEqualTo(b.get());
      assertThat(PASSES).containsExactly(2, 2, 2, 2);
    }
  }

  @Test
  void aFailureReachesWhoWaitsAndTheThreadGoesOn() throws Exception {
    try (Batcher batcher = batcher(1, 0, 1)) {
      assertThatThrownBy(() -> batcher.run(new Squares("a", 1), -1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("below 0");
      assertThat(batcher.run(new Squares("a", 1), 3)).isEqualTo(9);
    }
  }

  /** What else may happen on a thread: in a pass, and when it is counted. */
  private record Odd(Runnable inside, Runnable beside) implements Work<Integer, Integer> {

    @Override
    public String model() {
      beside.run();
      return "odd";
    }

    @Override
    public String kind() {
      return "odd";
    }

    @Override
    public long pixels() {
      return 1;
    }

    @Override
    public List<Integer> apply(List<Integer> inputs) {
      inside.run();
      return inputs;
    }
  }

  private static void fail() {
    throw new LinkageError("no such class");
  }

  private static void pass() {}

  @Test
  void neitherErrorsNorInterruptsEndAThread() throws Exception {
    try (Batcher batcher = batcher(1, 0, 1)) {
      Odd broken = new Odd(BatcherTest::fail, BatcherTest::pass);
      assertThatThrownBy(() -> batcher.run(broken, 1)).isInstanceOf(LinkageError.class);
      Odd interrupted = new Odd(() -> Thread.currentThread().interrupt(), BatcherTest::pass);
      assertThat(batcher.run(interrupted, 2)).isEqualTo(2);
      assertThat(batcher.run(new Squares("a", 1), 3)).isEqualTo(9);
      assertThat(batcher.works()).isTrue();
    }
    assertThat(FAILURES).isEmpty();
  }

  @Test
  void whatFailsBesideAPassIsToldAndTheThreadGoesOn() throws Exception {
    try (Batcher batcher = batcher(1, 0, 1)) {
      assertThat(batcher.run(new Odd(BatcherTest::pass, BatcherTest::fail), 2)).isEqualTo(2);
      assertThat(batcher.run(new Squares("a", 1), 3)).isEqualTo(9);
      assertThat(batcher.works()).isTrue();
    }
    assertThat(FAILURES).singleElement().isInstanceOf(LinkageError.class);
  }

  @Test
  void finishesWhatWaitsWhenItIsClosedAndTakesNothingMore() throws Exception {
    Batcher batcher = batcher(8, 1000, 1);
    try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> waiting = crowd.submit(() -> batcher.run(new Squares("a", 1), 5));
      while (batcher.waiting() == 0) {
        Thread.sleep(1);
      }
      batcher.close();
      assertThat(waiting.get()).isEqualTo(25);
    }
    assertThatThrownBy(() -> batcher.run(new Squares("a", 1), 5)).isInstanceOf(Problem.class);
  }
}
