package io.realign.torch;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * A net as a list of steps, each of which makes one value of earlier ones; {@link Recording} makes
 * it. Values are numbered from 0, which is the input.
 *
 * @param steps in the order of computation; each is needed for an output
 * @param constants weights and other tensors that do not depend on the input, by number; see {@link
 *     Recording#program}
 * @param outputs numbers, by name
 */
public record Program(
    List<Step> steps,
    SequencedMap<Integer, Tensor> constants,
    SequencedMap<String, Integer> outputs) {

  /** The number of the input. */
  public static final int INPUT = 0;

  /** Copies the lists. */
  public Program {
    steps = List.copyOf(steps);
    constants = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(constants));
    outputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(outputs));
  }

  /**
   * The foreign program that steps of it call, where any do.
   *
   * @throws IllegalStateException if there are two
   */
  public Optional<Script> script() {
    List<Script> all =
        steps.stream()
            .flatMap(
                step ->
                    step.operator() instanceof Operator.Called called
                        ? Stream.of(called.script())
                        : Stream.empty())
            .distinct()
            .toList();
    if (all.size() > 1) {
      throw new IllegalStateException("two TorchScript programs in one net: " + all);
    }
    return all.stream().findFirst();
  }

  /**
   * A value is made.
   *
   * @param inputs numbers of values
   * @param output the number of what it makes
   */
  public record Step(Operator operator, List<Integer> inputs, int output) {

    /** Copies the list. */
    public Step {
      inputs = List.copyOf(inputs);
    }
  }
}
