package io.realign.train;

import java.util.Map;
import java.util.SequencedMap;

/** Hears how a run goes. All methods are called on the training thread. */
public interface Listener {

  /** A run starts, or goes on after {@code step} steps. */
  default void started(long step, long steps) {}

  /** A step is done. */
  default void stepped(Progress progress) {}

  /** The generator was validated after {@code step} steps. */
  default void validated(long step, Map<String, Double> figures, boolean best) {}

  /** A checkpoint is about to be written: what a resumed run will not repeat must be on disk. */
  default void saving(long step) {}

  /** Everything is on disk. */
  default void saved(long step) {}

  /** The run ends, done or not. */
  default void ended() {}

  /**
   * One step.
   *
   * @param step steps done
   * @param steps steps of the run
   * @param epoch passes over the training data done
   * @param images images seen
   * @param seconds of training, resumed runs counted in
   * @param imagesPerSecond lately
   * @param learningRate of G
   * @param losses the weighted terms by name, {@code total} and {@code discriminator} among them
   */
  record Progress(
      long step,
      long steps,
      double epoch,
      long images,
      double seconds,
      double imagesPerSecond,
      double learningRate,
      SequencedMap<String, Double> losses) {}
}
