package io.realign.io;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pickles of state dictionaries and nothing else: numbers, texts, lists, dictionaries and
 * descriptions of tensors. It calls nothing; an opcode or a global that is not on the short list is
 * refused by name.
 *
 * <p>Values are {@code Long}, {@code Double}, {@code Boolean}, {@code String}, {@link None}, {@code
 * List} (lists and tuples), {@link Dict}, {@link Storage} and {@link View}.
 */
final class Pickle {

  /** Python's {@code None}. */
  enum None {
    NONE
  }

  /** A dictionary in order of insertion; its keys are texts, numbers or {@link None}. */
  record Dict(SequencedMap<Object, Object> items) {
    Dict() {
      this(new LinkedHashMap<>());
    }

    // identity: a dictionary may hold itself
    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }

    @Override
    public String toString() {
      return "a dictionary";
    }
  }

  /** A flat run of values that lies outside the pickle. */
  record Storage(DType type, String key, long count) {}

  /** A tensor: the part of a storage that starts at {@code offset} and has these strides. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record View(Storage storage, long offset, long[] shape, long[] strides) {}

  private enum Function {
    ORDERED_DICT,
    REBUILD_TENSOR,
    MAKE_PARAMETER,
    SIZE
  }

  private static final Map<String, Function> FUNCTIONS =
      Map.of(
          "collections.OrderedDict", Function.ORDERED_DICT,
          "torch._utils._rebuild_tensor", Function.REBUILD_TENSOR,
          "torch._utils._rebuild_tensor_v2", Function.REBUILD_TENSOR,
          "torch._utils._rebuild_parameter", Function.MAKE_PARAMETER,
          "torch.nn.parameter.Parameter", Function.MAKE_PARAMETER,
          "torch.Size", Function.SIZE);
  private static final int MAX_PROTOCOL = 5;

  private final ByteBuffer in;
  private final Deque<List<Object>> marks = new ArrayDeque<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private final Map<String, Storage> storages;
  private List<Object> stack = new ArrayList<>();

  private Pickle(ByteBuffer in, Map<String, Storage> storages) {
    this.in = in.order(ByteOrder.LITTLE_ENDIAN);
    this.storages = storages;
  }

  /**
   * The value of the pickle that starts at the buffer's position, which then stands behind it.
   *
   * @param storages receives the storages that the pickle refers to, by key
   * @throws Malformed if it ends early, is not sound, or holds anything but values
   */
  static Object read(ByteBuffer in, Map<String, Storage> storages) throws Malformed {
    Pickle pickle = new Pickle(in, storages);
    try {
      while (true) {
        int at = in.position();
        int opcode = in.get() & 0xff;
        if (opcode == '.') {
          return pickle.pop();
        }
        pickle.step(opcode, at);
      }
    } catch (BufferUnderflowException e) {
      throw new Malformed("its pickle ends early");
    }
  }

  private void step(int opcode, int at) throws Malformed {
    switch (opcode) {
      case 0x80 -> protocol(in.get() & 0xff);
      case 0x95 -> in.getLong(); // FRAME: only a hint
      case '(' -> {
        marks.push(stack);
        stack = new ArrayList<>();
      }
      case '0' -> pop();
      case '1' -> popMark();
      case 'N' -> push(None.NONE);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'J' -> push((long) in.getInt());
      case 'K' -> push((long) (in.get() & 0xff));
      case 'M' -> push((long) (in.getShort() & 0xffff));
      case 0x8a -> push(integer(in.get() & 0xff));
      case 0x8b -> push(integer(in.getInt()));
      case 'G' -> push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
      case 'X' -> push(text(in.getInt() & 0xffffffffL));
      case 0x8c -> push(text(in.get() & 0xff));
      case 0x8d -> push(text(in.getLong()));
      case 'T' -> push(text(in.getInt()));
      case 'U' -> push(text(in.get() & 0xff));
      case ']', ')' -> push(new ArrayList<>());
      case '}' -> push(new Dict());
      case 'l', 't' -> push(popMark());
      case 0x85 -> push(last(1));
      case 0x86 -> push(last(2));
      case 0x87 -> push(last(3));
      case 'd' -> {
        List<Object> items = popMark();
        Dict dict = new Dict();
        putAll(dict, items);
        push(dict);
      }
      case 'a' -> {
        Object item = pop();
        list(top()).add(item);
      }
      case 'e' -> {
        List<Object> items = popMark();
        list(top()).addAll(items);
      }
      case 's' -> {
        List<Object> item = last(2);
        putAll(dict(top()), item);
      }
      case 'u' -> {
        List<Object> items = popMark();
        putAll(dict(top()), items);
      }
      case 'q' -> memo.put((long) (in.get() & 0xff), top());
      case 'r' -> memo.put(in.getInt() & 0xffffffffL, top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> push(remembered(in.get() & 0xff));
      case 'j' -> push(remembered(in.getInt() & 0xffffffffL));
      case 'c' -> push(global(line(), line(), at));
      case 0x93 -> {
        List<Object> names = last(2);
        push(global(string(names.get(0)), string(names.get(1)), at));
      }
      case 'R' -> {
        List<Object> arguments = list(pop());
        push(call(pop(), arguments));
      }
      case 'Q' -> push(storage(list(pop())));
      case 'b' -> {
        pop(); // versions of modules, or whether a parameter requires a gradient
        if (!(top() instanceof Dict || top() instanceof View)) {
          throw new Malformed("its pickle sets the state of " + show(top()));
        }
      }
      default ->
          throw new Malformed(
              "opcode 0x%02x at byte %d of its pickle belongs to no state dictionary; refused"
                  .formatted(opcode, at));
    }
  }

  private static void protocol(int version) throws Malformed {
    if (version > MAX_PROTOCOL) {
      throw new Malformed("its pickle has the unknown protocol " + version);
    }
  }

  private static Object global(String module, String name, int at) throws Malformed {
    String full = module + "." + name;
    Function function = FUNCTIONS.get(full);
    if (function != null) {
      return function;
    }
    if (module.equals("torch") || module.equals("torch.cuda")) {
      var type = DType.ofStorage(name);
      if (type.isPresent()) {
        return type.get();
      }
    }
    throw new Malformed("carries code: global %s at byte %d; refused".formatted(show(full), at));
  }

  private static Object call(Object callee, List<Object> arguments) throws Malformed {
    if (!(callee instanceof Function function)) {
      throw new Malformed("its pickle calls " + show(callee) + ", which is no function");
    }
    return switch (function) {
      case ORDERED_DICT -> {
        if (!arguments.isEmpty()) {
          throw new Malformed("its pickle makes an OrderedDict of other values");
        }
        yield new Dict();
      }
      case SIZE -> list(argument(arguments, 0));
      case MAKE_PARAMETER -> {
        if (!(argument(arguments, 0) instanceof View view)) {
          throw new Malformed("its pickle makes a parameter of something that is no tensor");
        }
        yield view;
      }
      case REBUILD_TENSOR -> {
        if (!(argument(arguments, 0) instanceof Storage storage)) {
          throw new Malformed("its pickle makes a tensor without a storage");
        }
        yield new View(
            storage,
            number(argument(arguments, 1)),
            numbers(argument(arguments, 2)),
            numbers(argument(arguments, 3)));
      }
    };
  }

  /** {@code ('storage', type, key, location, count[, view])}. */
  private Storage storage(List<Object> id) throws Malformed {
    if (id.size() < 5
        || !id.get(0).equals("storage")
        || !(id.get(1) instanceof DType type)
        || !(id.get(2) instanceof String key)
        || !(id.get(4) instanceof Long count)
        || count < 0) {
      throw new Malformed("its pickle refers to something that is no storage");
    }
    if (id.size() > 5 && id.get(5) != None.NONE) {
      throw new Malformed(
          "storage " + show(key) + " is a view of another; save it again with torch >= 1.6");
    }
    Storage storage = new Storage(type, key, count);
    Storage before = storages.putIfAbsent(key, storage);
    if (before != null && !before.equals(storage)) {
      throw new Malformed("storage " + show(key) + " has two types or sizes");
    }
    return storage;
  }

  private Object remembered(long index) throws Malformed {
    Object value = memo.get(index);
    if (value == null) {
      throw new Malformed("its pickle recalls entry " + index + ", which was never stored");
    }
    return value;
  }

  private void push(Object value) {
    stack.add(value);
  }

  private Object pop() throws Malformed {
    return last(1).get(0);
  }

  private Object top() throws Malformed {
    if (stack.isEmpty()) {
      throw new Malformed("its pickle takes more values than it gives");
    }
    return stack.getLast();
  }

  private List<Object> last(int count) throws Malformed {
    if (stack.size() < count) {
      throw new Malformed("its pickle takes more values than it gives");
    }
    List<Object> tail = stack.subList(stack.size() - count, stack.size());
    List<Object> values = new ArrayList<>(tail);
    tail.clear();
    return values;
  }

  private List<Object> popMark() throws Malformed {
    if (marks.isEmpty()) {
      throw new Malformed("its pickle closes a group that it never opened");
    }
    List<Object> values = stack;
    stack = marks.pop();
    return values;
  }

  private static void putAll(Dict dict, List<Object> items) throws Malformed {
    if (items.size() % 2 != 0) {
      throw new Malformed("its pickle has a key without a value");
    }
    for (int i = 0; i < items.size(); i += 2) {
      Object key = items.get(i);
      if (!(key instanceof String
          || key instanceof Long
          || key instanceof Double
          || key instanceof Boolean
          || key == None.NONE)) {
        throw new Malformed("its pickle has a dictionary key that is neither text nor number");
      }
      dict.items.put(key, items.get(i + 1));
    }
  }

  private static Object argument(List<Object> arguments, int index) throws Malformed {
    if (index >= arguments.size()) {
      throw new Malformed("its pickle describes a tensor incompletely");
    }
    return arguments.get(index);
  }

  @SuppressWarnings("unchecked") // every list here is a List<Object>
  private static List<Object> list(Object value) throws Malformed {
    if (value instanceof List<?> list) {
      return (List<Object>) list;
    }
    throw new Malformed("its pickle has " + show(value) + " where a list belongs");
  }

  private static Dict dict(Object value) throws Malformed {
    if (value instanceof Dict dict) {
      return dict;
    }
    throw new Malformed("its pickle has " + show(value) + " where a dictionary belongs");
  }

  private static String string(Object value) throws Malformed {
    if (value instanceof String text) {
      return text;
    }
    throw new Malformed("its pickle has " + show(value) + " where a text belongs");
  }

  private static long number(Object value) throws Malformed {
    if (value instanceof Long number && number >= 0) {
      return number;
    }
    throw new Malformed("its pickle has " + show(value) + " where a size belongs");
  }

  private static long[] numbers(Object value) throws Malformed {
    List<Object> list = list(value);
    long[] numbers = new long[list.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(list.get(i));
    }
    return numbers;
  }

  private long integer(int length) throws Malformed {
    if (length < 0 || length > 8) {
      throw new Malformed("its pickle has an integer of %d bytes".formatted(length));
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    long value = length > 0 && bytes[length - 1] < 0 ? -1 : 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | bytes[i] & 0xff;
    }
    return value;
  }

  private String text(long length) throws Malformed {
    if (length < 0 || length > in.remaining()) {
      throw new Malformed("its pickle ends early");
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (byte b = in.get(); b != '\n'; b = in.get()) {
      line.append((char) (b & 0xff));
    }
    return line.toString();
  }

  /** A value in a message: short and printable. */
  static String show(Object value) {
    String text =
        switch (value) {
          case String s -> s.replaceAll("[^\\x20-\\x7e]", "?");
          case List<?> list -> "a list";
          case View view -> "a tensor";
          case Storage storage -> "a storage";
          default -> value.toString().toLowerCase(Locale.ROOT);
        };
    return text.length() > 80 ? text.substring(0, 80) + "…" : text;
  }
}
