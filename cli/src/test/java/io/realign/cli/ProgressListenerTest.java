package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.train.Listener.Progress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ProgressListenerTest {

  private final StringWriter err = new StringWriter();
  private final AtomicLong seconds = new AtomicLong(1000);

  private ProgressListener listener(boolean terminal, int width) {
    return new ProgressListener(
        new PrintWriter(err), terminal, width, () -> seconds.get() * 1_000_000_000);
  }

  private static Progress step(long step) {
    SequencedMap<String, Double> losses = new LinkedHashMap<>();
    losses.put("reconstruction", .25);
    losses.put("total", 1.5);
    return new Progress(step, 100, step / 10.0, step * 64, step, 32, .1, losses);
  }

  @Test
  void printsALineEveryTenSecondsWhereNobodyWatches() {
    ProgressListener listener = listener(false, 80);
    for (int i = 1; i <= 25; i++) {
      listener.stepped(step(i));
      seconds.incrementAndGet();
    }
    assertThat(err.toString().lines()).hasSize(3);
    assertThat(err.toString().lines().findFirst())
        .hasValue("step 1/100 · 1 % · 32 images/s · 3:18 left · loss 1.50 · reconstruction 0.250");
  }

  @Test
  void renewsOneLineOnATerminalAndKeepsWithinIt() {
    ProgressListener listener = listener(true, 40);
    listener.stepped(step(1));
    seconds.incrementAndGet();
    listener.stepped(step(2));
    listener.validated(2, Map.of("accuracy", .875), true);
    listener.ended();
    String clear = "\r\u001b[K";
    String[] shown = err.toString().split(clear.replace("[", "\\["), -1);
    assertThat(shown).hasSize(4);
    assertThat(shown[1]).startsWith("step 1/100").hasSize(39);
    assertThat(shown[3])
        .isEqualToNormalizingNewlines("step 2: validation accuracy 87.5 % (best so far)\n");
  }
}
