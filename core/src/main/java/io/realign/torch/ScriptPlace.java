package io.realign.torch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch.TypeKind;

/**
 * Where a tensor is in what a method of a TorchScript program returns, as another program has to
 * write it.
 *
 * @param steps from the result to the tensor
 */
public record ScriptPlace(List<Step> steps) {

  /** One step inwards. */
  public sealed interface Step {

    /** An index of a tuple or list, or a number that is a key. */
    record Item(long index) implements Step {}

    /** A text that is a key. */
    record Key(String text) implements Step {}

    /** From what might have been None to what it is. */
    record Present() implements Step {}
  }

  /** Copies the list. */
  public ScriptPlace {
    steps = List.copyOf(steps);
  }

  /**
   * The places of all tensors of a result.
   *
   * @param type that the method declares for it
   */
  static SequencedMap<ScriptPlace, Tensor> all(ScriptValue result, Type type) {
    SequencedMap<ScriptPlace, Tensor> found = new LinkedHashMap<>();
    new ScriptPlace(List.of()).collect(result, type, found);
    return found;
  }

  private void collect(ScriptValue value, Type type, SequencedMap<ScriptPlace, Tensor> found) {
    if (type.kind().intern() == TypeKind.OptionalType && !(value instanceof ScriptValue.Other)) {
      then(new Step.Present()).collect(value, inner(type, 0), found);
      return;
    }
    switch (value) {
      case ScriptValue.Leaf leaf -> found.put(this, leaf.tensor());
      case ScriptValue.Items items -> {
        for (int i = 0; i < items.values().size(); i++) {
          then(new Step.Item(i)).collect(items.values().get(i), inner(type, i), found);
        }
      }
      case ScriptValue.Named named -> {
        boolean numbers = inner(type, 0).kind().intern() == TypeKind.IntType;
        named
            .values()
            .forEach(
                (key, each) ->
                    then(numbers ? new Step.Item(Long.parseLong(key)) : new Step.Key(key))
                        .collect(each, inner(type, 1), found));
      }
      case ScriptValue.Other other -> {}
    }
  }

  private ScriptPlace then(Step step) {
    return new ScriptPlace(Stream.concat(steps.stream(), Stream.of(step)).toList());
  }

  /** The last one where there are fewer, as of lists; itself where there is none. */
  private static Type inner(Type type, long i) {
    long count = type.containedTypeSize();
    return count == 0 ? type : type.containedType(Math.min(i, count - 1)).get();
  }
}
