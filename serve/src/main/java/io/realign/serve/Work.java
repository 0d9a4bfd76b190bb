package io.realign.serve;

import java.util.List;

/**
 * What a net does with inputs. Equal works share a pass: a record of what must be equal.
 *
 * @param <I> one input
 * @param <O> what becomes of it
 */
interface Work<I, O> {

  /** The model's name. */
  String model();

  /** What it does, for metrics: {@code repair}. */
  String kind();

  /** Pixels of an input: large ones go through alone. */
  long pixels();

  /** Runs the net, on a thread for nets within a scope. */
  List<O> apply(List<I> inputs);
}
