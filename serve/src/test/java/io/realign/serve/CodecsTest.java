package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where work on images is done. */
@Timeout(60)
final class CodecsTest {

  @Test
  void largeImagesKeepNoVirtualThreadFromRunning() throws Exception {
    try (Codecs codecs = new Codecs(1);
        ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Thread>> large = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        large.add(crowd.submit(() -> codecs.around(Codecs.LARGE, Thread::currentThread)));
      }
      for (Future<Thread> each : large) {
        assertThat(each.get().isVirtual()).isFalse();
        assertThat(each.get().getName()).startsWith("codec-");
      }
      Future<Boolean> small =
          crowd.submit(
              () ->
                  codecs.around(Codecs.LARGE - 1, Thread::currentThread) == Thread.currentThread());
      assertThat(small.get()).as("done where it is asked for").isTrue();
    }
  }

  @Test
  void whatTheWorkThrowsIsThrown() {
    try (Codecs codecs = new Codecs(1)) {
      for (long pixels : new long[] {1, Codecs.LARGE}) {
        assertThatThrownBy(
                () ->
                    codecs.around(
                        pixels,
                        () -> {
                          throw Problem.of(HttpStatus.UNPROCESSABLE, "not so");
                        }))
            .isInstanceOf(Problem.class)
            .hasMessage("not so");
      }
    }
  }
}
