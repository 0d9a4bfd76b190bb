package io.realign.nn;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Named tensors in the order of their declaration. */
public final class StateDict {

  private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

  /** An empty one. */
  public StateDict() {}

  /** Adds a tensor; the name must be new. */
  public void put(String name, Tensor tensor) {
    if (tensors.putIfAbsent(name, tensor) != null) {
      throw new IllegalArgumentException("tensor '" + name + "' is there already");
    }
  }

  /**
   * The tensor of that name.
   *
   * @throws StateDictMismatch if there is none
   */
  public Tensor get(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new StateDictMismatch("state dictionary", List.of("missing " + name));
    }
    return tensor;
  }

  /** Whether a tensor has that name. */
  public boolean has(String name) {
    return tensors.containsKey(name);
  }

  /** All names, in order. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** Name and tensor, in order. */
  public Set<Map.Entry<String, Tensor>> entries() {
    return tensors.entrySet();
  }

  /** The number of values in all tensors. */
  public long count() {
    return tensors.values().stream().mapToLong(Tensor::numel).sum();
  }

  /**
   * Copies the values of {@code source} into these tensors, in place. Nothing is copied unless
   * everything fits.
   *
   * @param origin what the source is, for the error: a file name
   * @throws StateDictMismatch that lists every missing, extra and wrongly shaped tensor
   */
  public void load(StateDict source, String origin) {
    List<String> problems = new ArrayList<>();
    tensors.forEach(
        (name, mine) -> {
          if (!source.has(name)) {
            problems.add("missing " + name + " " + Arrays.toString(Ops.shape(mine)));
          } else if (!Arrays.equals(Ops.shape(mine), Ops.shape(source.get(name)))) {
            problems.add(
                "%s is %s instead of %s"
                    .formatted(
                        name,
                        Arrays.toString(Ops.shape(source.get(name))),
                        Arrays.toString(Ops.shape(mine))));
          }
        });
    source.names().stream()
        .filter(name -> !has(name))
        .forEach(name -> problems.add("extra " + name));
    if (!problems.isEmpty()) {
      throw new StateDictMismatch(origin, problems);
    }
    try (NoGradGuard guard = new NoGradGuard();
        Scope scope = Scope.open()) {
      tensors.forEach((name, mine) -> mine.copy_(source.get(name)));
    }
  }

  /** A deep copy without gradients. */
  public StateDict copy() {
    StateDict copy = new StateDict();
    try (NoGradGuard guard = new NoGradGuard()) {
      tensors.forEach((name, tensor) -> copy.put(name, tensor.detach().clone()));
    }
    return copy;
  }
}
