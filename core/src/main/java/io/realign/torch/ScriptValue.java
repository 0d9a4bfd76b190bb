package io.realign.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericDictIterator;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.TupleElements;

/** What a method of a TorchScript program returns. */
public sealed interface ScriptValue {

  /** A tensor. */
  record Leaf(Tensor tensor) implements ScriptValue {}

  /** A tuple or a list. */
  record Items(List<ScriptValue> values) implements ScriptValue {}

  /** A dictionary with texts as keys. */
  record Named(SequencedMap<String, ScriptValue> values) implements ScriptValue {}

  /** Anything else: a number, a text, nothing. */
  record Other(String kind) implements ScriptValue {}

  /** Its shape, as in {@code {out: [1, 21, 64, 64], aux: [1, 21, 64, 64]}}. */
  default String text() {
    return switch (this) {
      case Leaf leaf -> Arrays.toString(Ops.shape(leaf.tensor));
      case Items items ->
          items.values.stream().map(ScriptValue::text).collect(Collectors.joining(", ", "(", ")"));
      case Named named ->
          named.values.entrySet().stream()
              .map(each -> each.getKey() + ": " + each.getValue().text())
              .collect(Collectors.joining(", ", "{", "}"));
      case Other other -> other.kind;
    };
  }

  /** All tensors in it. */
  default List<Tensor> tensors() {
    return switch (this) {
      case Leaf leaf -> List.of(leaf.tensor);
      case Items items -> items.values.stream().flatMap(each -> each.tensors().stream()).toList();
      case Named named ->
          named.values.values().stream().flatMap(each -> each.tensors().stream()).toList();
      case Other other -> List.of();
    };
  }

  /** Reads libtorch's value; tensors belong to the innermost scope. */
  static ScriptValue of(IValue value) {
    if (value.isTensor()) {
      return new Leaf(new Tensor(value.toTensor())); // a handle of its own: value dies first
    }
    if (value.isTuple()) {
      TupleElements elements = value.toTuple().elements();
      List<ScriptValue> items = new ArrayList<>();
      for (long i = 0; i < elements.size(); i++) {
        items.add(of(elements.get(i)));
      }
      return new Items(List.copyOf(items));
    }
    if (value.isTensorList()) {
      TensorVector tensors = value.toTensorVector();
      List<ScriptValue> items = new ArrayList<>();
      for (long i = 0; i < tensors.size(); i++) {
        items.add(new Leaf(new Tensor(tensors.get(i))));
      }
      return new Items(List.copyOf(items));
    }
    if (value.isList()) {
      GenericList list = value.toList();
      List<ScriptValue> items = new ArrayList<>();
      for (long i = 0; i < list.size(); i++) {
        items.add(of(list.get(i)));
      }
      return new Items(List.copyOf(items));
    }
    if (value.isGenericDict()) {
      return named(value.toGenericDict());
    }
    return new Other(
        value.isNone()
            ? "None"
            : value.isScalar() ? "a number" : value.isString() ? "a text" : "an object");
  }

  private static ScriptValue named(GenericDict dict) {
    SequencedMap<String, ScriptValue> values = new LinkedHashMap<>();
    GenericDictIterator end = dict.end();
    for (GenericDictIterator at = dict.begin(); at.notEquals(end); at.increment()) {
      IValue key = at.access().key();
      String name =
          key.isString()
              ? key.toStringRef().getString()
              : key.isInt() ? Long.toString(key.toInt()) : "?";
      values.put(name, of(at.access().value()));
    }
    return new Named(values);
  }
}
