package io.realign.train;

import java.time.Duration;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;

/**
 * The course of a run: steps, validations and checkpoints in their order, to the end or until
 * somebody asks to stop.
 *
 * @param steps of the whole run
 * @param validateEvery steps between validations; one comes at the end in any case
 * @param saveEvery time between checkpoints; one is written at the end in any case
 * @param listener hears of it all
 */
record Course(long steps, long validateEvery, Duration saveEvery, Listener listener) {

  /** What is trained. */
  interface Trainee {

    /** Steps done. */
    long step();

    /** Makes ready for {@link #validate}; it does not count as training time. */
    default void prepare() {}

    /**
     * Takes one step.
     *
     * @return the losses by name, all finite
     */
    SequencedMap<String, Double> advance();

    /** Adds to the training time. */
    void took(double seconds);

    /** How far it is. */
    Listener.Progress progress(SequencedMap<String, Double> losses, double secondsPerStep);

    /** Judges what was learned so far, and keeps it if it is the best. */
    void validate();

    /** Writes a checkpoint. */
    void save();
  }

  /** Runs it; says whether the end was reached. A run that has ended before is left as it is. */
  boolean run(Trainee trainee, BooleanSupplier stop) {
    if (trainee.step() >= steps) {
      return true;
    }
    Clock clock = new Clock();
    listener.started(trainee.step(), steps);
    try {
      trainee.prepare();
      clock.restart();
      while (trainee.step() < steps && !stop.getAsBoolean()) {
        SequencedMap<String, Double> losses = trainee.advance();
        trainee.took(clock.lap());
        listener.stepped(trainee.progress(losses, clock.lately()));
        boolean last = trainee.step() == steps;
        if (last || trainee.step() % validateEvery == 0) {
          trainee.validate();
        }
        if (!last && clock.sinceSaved().compareTo(saveEvery) >= 0) {
          save(trainee);
          clock.saved();
        }
        clock.restart();
      }
      save(trainee);
    } finally {
      listener.ended();
    }
    return trainee.step() == steps;
  }

  private void save(Trainee trainee) {
    listener.saving(trainee.step());
    trainee.save();
    listener.saved(trainee.step());
  }
}
