package io.realign.torch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Writes down the operators that a net goes through on this thread, to be replayed elsewhere.
 *
 * <p>All that nets are made of, in {@link Convolutions}, {@link Ops} and {@link Shapes}, tells it
 * what it computes. What went past it is noticed: the input collects a gradient, so that whatever
 * depends on it does.
 *
 * <pre>{@code
 * try (Recording recording = Recording.open(image)) {
 *   Tensor logits = net.forward(recording.input());
 *   return recording.program(outputs);
 * }
 * }</pre>
 */
public final class Recording implements AutoCloseable {

  private static final ThreadLocal<@Nullable Recording> OPEN = new ThreadLocal<>();

  private final @Nullable Recording outer = OPEN.get();
  private final Tensor input;
  private final Map<Long, Integer> values = new HashMap<>(); // by what the tensors share
  private final List<Tensor> held = new ArrayList<>(); // no address is given out twice
  private final List<Program.Step> steps = new ArrayList<>();
  private final SequencedMap<Integer, Tensor> constants = new LinkedHashMap<>();
  private int next = Program.INPUT;

  private Recording(Tensor input) {
    this.input = input;
    assign(input);
  }

  /**
   * Starts to record on this thread; an outer recording pauses.
   *
   * @param like values for the input: {@code [N,3,H,W]} in [0,1]
   */
  public static Recording open(Tensor like) {
    Recording opened = new Recording(Ops.leaf(like));
    OPEN.set(opened);
    return opened;
  }

  /** Whether this thread records. */
  static boolean isOpen() {
    return OPEN.get() != null;
  }

  /** What to give to the net. */
  public Tensor input() {
    return input;
  }

  /**
   * What was recorded, without the steps that no output needs. Its constants belong to the scope
   * that is open now, and share their values with the net.
   *
   * @param outputs of the net, by name; one that does not depend on the input becomes a constant
   */
  public Program program(SequencedMap<String, Tensor> outputs) {
    SequencedMap<String, Integer> named = new LinkedHashMap<>();
    outputs.forEach((name, tensor) -> named.put(name, numberOf(tensor, "the output " + name)));
    Set<Integer> needed = new HashSet<>(named.values());
    Deque<Program.Step> kept = new ArrayDeque<>();
    for (Program.Step step : steps.reversed()) {
      if (needed.contains(step.output())) {
        needed.addAll(step.inputs());
        kept.addFirst(step);
      }
    }
    SequencedMap<Integer, Tensor> used = new LinkedHashMap<>();
    constants.forEach(
        (number, tensor) -> {
          if (needed.contains(number)) {
            used.put(number, new Tensor(tensor));
          }
        });
    return new Program(List.copyOf(kept), used, named);
  }

  /** Remembers that {@code operator} made {@code output}, which is handed on. */
  static Tensor step(Operator operator, Tensor output, Tensor... inputs) {
    Recording open = OPEN.get();
    if (open != null) {
      List<Integer> numbers = new ArrayList<>(inputs.length);
      for (Tensor each : inputs) {
        numbers.add(open.numberOf(each, "an input of " + operator));
      }
      open.steps.add(new Program.Step(operator, numbers, open.assign(output)));
    }
    return output;
  }

  /** Remembers that {@code output} holds the values of {@code input}. */
  static Tensor same(Tensor output, Tensor input) {
    Recording open = OPEN.get();
    if (open != null) {
      open.values.put(identity(open.hold(output)), open.numberOf(input, "an input"));
    }
    return output;
  }

  /**
   * {@code x} itself, for an operator that has nothing to do to it; while there is a recording
   * another tensor with its memory, so that the two are told apart.
   */
  static Tensor untouched(Tensor x) {
    return OPEN.get() == null ? x : torch.alias(x);
  }

  private int numberOf(Tensor tensor, String role) {
    Integer known = values.get(identity(tensor));
    if (known != null) {
      return known;
    }
    if (tensor.requires_grad()) {
      throw new IllegalStateException(role + " was made by an operator that is not recorded");
    }
    int number = assign(tensor);
    constants.put(number, held.getLast());
    return number;
  }

  private int assign(Tensor tensor) {
    values.put(identity(hold(tensor)), next);
    return next++;
  }

  private Tensor hold(Tensor tensor) {
    Tensor own = new Tensor(tensor);
    own.retainReference();
    held.add(own);
    return own;
  }

  private static long identity(Tensor tensor) {
    try (Scope scope = Scope.open()) {
      return tensor.unsafeGetTensorImpl().address();
    }
  }

  @Override
  public void close() {
    held.forEach(Tensor::releaseReference);
    held.clear();
    if (outer == null) {
      OPEN.remove();
    } else {
      OPEN.set(outer);
    }
  }
}
