package io.realign.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * The format of {@code torch.save} before 1.6: pickles of a magic number, a version, the machine,
 * the object and the storage keys; then each storage, its length in front.
 */
final class TorchLegacy implements TorchFile.Storages {

  /** The whole first pickle: the integer {@code 0x1950a86a20f9469cfc6c}. */
  private static final byte[] MAGIC = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e");

  private static final long VERSION = 1001;
  private static final long MAX_PICKLE = 64 << 20;

  private final FileChannel channel;
  private final Object pickle;
  private final Map<String, Long> starts;

  private TorchLegacy(FileChannel channel, Object pickle, Map<String, Long> starts) {
    this.channel = channel;
    this.pickle = pickle;
    this.starts = starts;
  }

  static TorchLegacy open(FileChannel channel) throws IOException {
    ByteBuffer in =
        channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(channel.size(), MAX_PICKLE));
    if (in.remaining() < MAGIC.length
        || !in.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
      throw new Malformed(
          "not a file that torch.save wrote (convert it: torch.save(model.state_dict(), FILE))");
    }
    in.position(MAGIC.length);
    Map<String, Pickle.Storage> storages = new LinkedHashMap<>();
    if (!Pickle.read(in, storages).equals(VERSION)) {
      throw new Malformed("an unknown version of torch.save's old format");
    }
    if (Pickle.read(in, storages) instanceof Pickle.Dict machine
        && Boolean.FALSE.equals(machine.items().get("little_endian"))) {
      throw new Malformed("its byte order is big, not little");
    }
    Object pickle = Pickle.read(in, storages);
    if (!(Pickle.read(in, storages) instanceof List<?> keys)) {
      throw new Malformed("its list of storages is missing");
    }
    return new TorchLegacy(channel, pickle, starts(channel, in.position(), keys, storages));
  }

  private static Map<String, Long> starts(
      FileChannel channel, long at, List<?> keys, Map<String, Pickle.Storage> storages)
      throws IOException {
    Map<String, Long> starts = new HashMap<>();
    for (Object key : keys) {
      Pickle.Storage storage = key instanceof String name ? storages.get(name) : null;
      if (storage == null) {
        throw new Malformed("its storage '" + Pickle.show(key) + "' belongs to no tensor");
      }
      long count = length(channel, at);
      long left = channel.size() - at - Long.BYTES;
      if (count != storage.count()) {
        throw new Malformed(
            "storage '%s' has %d values, its tensors expect %d"
                .formatted(Pickle.show(key), count, storage.count()));
      }
      if (count > left / storage.type().bytes) {
        throw new Malformed(
            "storage '%s' claims %d values, the file has %d bytes left: it is truncated"
                .formatted(Pickle.show(key), count, left));
      }
      starts.put(storage.key(), at + Long.BYTES);
      at += Long.BYTES + count * storage.type().bytes;
    }
    return starts;
  }

  private static long length(FileChannel channel, long at) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    while (length.hasRemaining()) {
      if (channel.read(length, at + length.position()) < 0) {
        throw new EOFException("the file ends early: it is truncated");
      }
    }
    return length.getLong(0);
  }

  Object pickle() {
    return pickle;
  }

  @Override
  public Tensor read(Pickle.Storage storage) throws IOException {
    Long start = starts.get(storage.key());
    if (start == null) {
      throw new Malformed("storage '" + Pickle.show(storage.key()) + "' is missing");
    }
    channel.position(start);
    return TorchFile.values(channel, storage);
  }
}
