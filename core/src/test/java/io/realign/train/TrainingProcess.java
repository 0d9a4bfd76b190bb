package io.realign.train;

import java.nio.file.Path;
import java.time.Duration;
import org.bytedeco.pytorch.global.torch;

/** A training run in a process of its own, for tests that kill it: says {@code step N} and goes. */
public final class TrainingProcess {

  private TrainingProcess() {}

  /** Arguments: folder, number of steps, milliseconds between checkpoints. */
  public static void main(String[] args) {
    torch.set_num_threads(2);
    try {
      TinyRun.train(
          TinyRun.config(Long.parseLong(args[1]), 2),
          Path.of(args[0]),
          Duration.ofMillis(Long.parseLong(args[2])),
          () -> false,
          new Listener() {
            @Override
            public void stepped(Progress progress) {
              System.out.println("step " + progress.step());
            }
          });
    } catch (RuntimeException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      System.exit(1);
    }
  }
}
