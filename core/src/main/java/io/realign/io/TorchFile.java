package io.realign.io;

import io.realign.nn.StateDict;
import io.realign.torch.Scope;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/**
 * State dictionaries that Python wrote with {@code torch.save}: the zip format (torch ≥ 1.6) and
 * the older one that torchvision's VGG weights still have.
 *
 * <p>Nothing in the file is executed, whatever it says: see {@link Pickle}. A dictionary of more
 * than tensors is accepted if one of {@code state_dict}, {@code model_state_dict}, {@code model},
 * {@code net} or {@code weights} in it is a state dictionary. A prefix {@code module.} that all
 * names share is dropped.
 */
public final class TorchFile {

  private static final List<String> INNER =
      List.of("state_dict", "model_state_dict", "model", "net", "weights");
  private static final String PARALLEL = "module.";
  private static final int MAX_RANK = 64;

  /** Where the values of a file's storages are. */
  interface Storages {
    /** The values of a storage, one-dimensional, on the CPU. */
    Tensor read(Pickle.Storage storage) throws IOException;
  }

  private TorchFile() {}

  /**
   * The tensors of a file, on the CPU, in its order and with its element types. Tensors that share
   * memory in the file do so here.
   *
   * @throws InputException if there is no such file, it is not a state dictionary, it is not sound,
   *     or it carries code; one line that names the file and the reason
   */
  public static StateDict read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer start = ByteBuffer.allocate(4);
      while (start.hasRemaining() && channel.read(start) >= 0) {}
      if (start.position() == 4 && start.getInt(0) == TorchZip.MAGIC) {
        try (TorchZip zip = TorchZip.open(file)) {
          return assemble(zip.pickle(), zip);
        }
      }
      channel.position(0);
      TorchLegacy legacy = TorchLegacy.open(channel);
      return assemble(legacy.pickle(), legacy);
    } catch (Malformed | EOFException e) {
      throw new InputException(file + ": " + Failures.reason(e), e);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  private static StateDict assemble(Object pickled, Storages storages) throws IOException {
    SequencedMap<String, Pickle.View> views = views(pickled);
    boolean parallel =
        !views.isEmpty() && views.keySet().stream().allMatch(name -> name.startsWith(PARALLEL));
    StateDict state = new StateDict();
    Map<String, Tensor> read = new HashMap<>();
    try (Scope scope = Scope.open()) {
      for (Map.Entry<String, Pickle.View> e : views.entrySet()) {
        Pickle.View view = e.getValue();
        check(Pickle.show(e.getKey()), view);
        Pickle.Storage storage = view.storage();
        Tensor values = read.get(storage.key());
        if (values == null) {
          values = storages.read(storage);
          read.put(storage.key(), values);
        }
        Tensor tensor =
            values
                .narrow(0, view.offset(), values.numel() - view.offset())
                .as_strided(view.shape(), view.strides());
        state.put(
            parallel ? e.getKey().substring(PARALLEL.length()) : e.getKey(), scope.keep(tensor));
      }
    }
    return state;
  }

  private static SequencedMap<String, Pickle.View> views(Object pickled) throws Malformed {
    if (!(pickled instanceof Pickle.Dict top)) {
      throw new Malformed(
          "holds " + Pickle.show(pickled) + ", not a state dictionary (save model.state_dict())");
    }
    if (top.items().values().stream().anyMatch(Pickle.View.class::isInstance)) {
      return tensors(top);
    }
    for (String name : INNER) {
      if (top.items().get(name) instanceof Pickle.Dict inner) {
        return tensors(inner);
      }
    }
    throw new Malformed(
        "holds no tensors but "
            + top.items().keySet().stream().limit(8).map(Pickle::show).toList()
            + ", and none of "
            + INNER
            + " is a state dictionary");
  }

  private static SequencedMap<String, Pickle.View> tensors(Pickle.Dict dict) throws Malformed {
    SequencedMap<String, Pickle.View> views = new LinkedHashMap<>();
    for (Map.Entry<Object, Object> e : dict.items().entrySet()) {
      if (!(e.getKey() instanceof String name) || !(e.getValue() instanceof Pickle.View view)) {
        throw new Malformed(
            "its state dictionary has %s under '%s', not a tensor"
                .formatted(Pickle.show(e.getValue()), Pickle.show(e.getKey())));
      }
      views.put(name, view);
    }
    return views;
  }

  /** Every element that the view reaches must lie in its storage, and none be repeated at will. */
  private static void check(String name, Pickle.View view) throws Malformed {
    long[] shape = view.shape();
    long[] strides = view.strides();
    long count = view.storage().count();
    String what =
        "tensor '%s' of shape %s, strides %s, offset %d"
            .formatted(name, text(shape), text(strides), view.offset());
    if (shape.length != strides.length || shape.length > MAX_RANK) {
      throw new Malformed(what + " is impossible");
    }
    boolean empty = Arrays.stream(shape).anyMatch(size -> size == 0);
    try {
      long last = view.offset();
      long elements = 1;
      for (int i = 0; i < shape.length; i++) {
        elements = Math.multiplyExact(elements, Math.max(1, shape[i]));
        last =
            Math.addExact(
                last, Math.multiplyExact(Math.max(1, shape[i]) - 1, empty ? 0 : strides[i]));
      }
      if (view.offset() > count || !empty && (last >= count || elements > count)) {
        throw new Malformed(what + " does not fit in its storage of " + count + " values");
      }
      Math.multiplyExact(elements, 8L);
    } catch (ArithmeticException e) {
      throw new Malformed(what + " overflows");
    }
  }

  private static String text(long[] numbers) {
    return Arrays.stream(numbers)
        .limit(8)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", numbers.length > 8 ? ", …]" : "]"));
  }

  /** Reads a storage from a channel that stands at its first byte. */
  static Tensor values(ReadableByteChannel in, Pickle.Storage storage) throws IOException {
    return TensorBytes.read(in, storage.type(), new long[] {storage.count()});
  }
}
