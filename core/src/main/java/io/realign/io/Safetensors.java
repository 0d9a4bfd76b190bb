package io.realign.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Weights in the safetensors format: a little-endian length, a JSON header, the raw values.
 *
 * <p>Element types stay as they are in the file (F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL);
 * {@link #floats} makes fp32 of them.
 */
public final class Safetensors {

  private static final int MAX_HEADER = 100_000_000;
  private static final JsonFactory JSON = new JsonFactory();

  private Safetensors() {}

  /**
   * What a file holds.
   *
   * @param tensors on the CPU, in the order of the header
   * @param metadata the texts of the header's {@code __metadata__}; empty when it has none
   */
  public record Contents(StateDict tensors, SequencedMap<String, String> metadata) {}

  /**
   * The tensors of a file.
   *
   * @throws InputException if there is no such file or it is not sound, in one line that names it
   */
  public static StateDict read(Path file) {
    return readContents(file).tensors();
  }

  /**
   * The tensors and the metadata of a file.
   *
   * @throws InputException if there is no such file or it is not sound, in one line that names it
   */
  public static Contents readContents(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      SafetensorsHeader header = header(channel);
      long data = channel.position();
      StateDict tensors = new StateDict();
      for (SafetensorsHeader.Entry entry : header.entries()) {
        channel.position(data + entry.begin());
        tensors.put(entry.name(), TensorBytes.read(channel, entry.type(), entry.shape()));
      }
      return new Contents(tensors, Collections.unmodifiableSequencedMap(header.metadata()));
    } catch (Malformed | EOFException e) {
      throw new InputException(file + ": not a sound safetensors file: " + Failures.reason(e), e);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  /**
   * The metadata of a file, without reading its tensors; the header is checked all the same.
   *
   * @throws InputException if there is no such file or it is not sound
   */
  public static SequencedMap<String, String> readMetadata(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return Collections.unmodifiableSequencedMap(header(channel).metadata());
    } catch (Malformed | EOFException e) {
      throw new InputException(file + ": not a sound safetensors file: " + Failures.reason(e), e);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  /**
   * Writes a file in one step (see {@link AtomicFile}). The same tensors and metadata give the same
   * bytes, whatever the order of {@code metadata}.
   *
   * @throws java.io.UncheckedIOException if the disk is full or fails; the previous file is kept
   * @throws IllegalArgumentException for an element type that safetensors files do not have here
   */
  public static void write(Path file, StateDict tensors, Map<String, String> metadata) {
    List<SafetensorsHeader.Entry> entries = layout(tensors);
    AtomicFile.writeChannel(
        file,
        channel -> {
          ByteBuffer head = encode(entries, metadata);
          while (head.hasRemaining()) {
            channel.write(head);
          }
          for (SafetensorsHeader.Entry entry : byOffset(entries)) {
            TensorBytes.write(tensors.get(entry.name()), entry.type(), channel);
          }
        });
  }

  /** The same tensors with every float type as fp32; integers and booleans stay. */
  public static StateDict floats(StateDict tensors) {
    StateDict converted = new StateDict();
    tensors
        .entries()
        .forEach(
            e ->
                converted.put(
                    e.getKey(),
                    e.getValue().is_floating_point()
                        ? e.getValue().to(torch.ScalarType.Float)
                        : e.getValue()));
    return converted;
  }

  private static SafetensorsHeader header(FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < 8) {
      throw new Malformed("%d bytes, too short for the length of a header".formatted(size));
    }
    long length = read(channel, 8).getLong();
    if (length < 0 || length > MAX_HEADER) {
      throw new Malformed(
          "its header claims %s bytes, more than the %d allowed"
              .formatted(Long.toUnsignedString(length), MAX_HEADER));
    }
    if (length > size - 8) {
      throw new Malformed(
          "its header claims %d bytes, the file has %d".formatted(length, size - 8));
    }
    return SafetensorsHeader.parse(read(channel, (int) length).array(), size - 8 - length);
  }

  private static ByteBuffer read(FileChannel channel, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the file ends early");
      }
    }
    return buffer.flip();
  }

  /** Widest elements first, so that each tensor is aligned; the header keeps the given order. */
  private static List<SafetensorsHeader.Entry> layout(StateDict tensors) {
    SequencedMap<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();
    List<SafetensorsHeader.Entry> unplaced = new ArrayList<>();
    tensors.entries().forEach(e -> unplaced.add(unplaced(e.getKey(), e.getValue())));
    unplaced.forEach(entry -> entries.put(entry.name(), entry));
    unplaced.sort(Comparator.comparingInt(entry -> -entry.type().bytes));
    long at = 0;
    for (SafetensorsHeader.Entry entry : unplaced) {
      long end = at + entry.end();
      entries.put(
          entry.name(),
          new SafetensorsHeader.Entry(entry.name(), entry.type(), entry.shape(), at, end));
      at = end;
    }
    return List.copyOf(entries.values());
  }

  private static SafetensorsHeader.Entry unplaced(String name, Tensor tensor) {
    if (name.equals("__metadata__")) {
      throw new IllegalArgumentException("no tensor of a safetensors file is named " + name);
    }
    try (Scope scope = Scope.open()) {
      DType type =
          DType.of(tensor.scalar_type())
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "'%s' is of type %s, which safetensors files do not have here"
                              .formatted(name, tensor.scalar_type().intern())));
      long[] shape = Ops.shape(tensor);
      return new SafetensorsHeader.Entry(
          name, type, shape, 0, Math.multiplyExact(tensor.numel(), type.bytes));
    }
  }

  private static List<SafetensorsHeader.Entry> byOffset(List<SafetensorsHeader.Entry> entries) {
    return entries.stream()
        .sorted(Comparator.comparingLong(SafetensorsHeader.Entry::begin))
        .toList();
  }

  private static ByteBuffer encode(
      List<SafetensorsHeader.Entry> entries, Map<String, String> metadata) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> text : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(text.getKey(), text.getValue());
        }
        json.writeEndObject();
      }
      for (SafetensorsHeader.Entry entry : entries) {
        json.writeObjectFieldStart(entry.name());
        json.writeStringField("dtype", entry.type().name());
        json.writeFieldName("shape");
        json.writeArray(entry.shape(), 0, entry.shape().length);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {entry.begin(), entry.end()}, 0, 2);
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    if (bytes.size() > MAX_HEADER) {
      throw new IllegalArgumentException("names and metadata exceed " + MAX_HEADER + " bytes");
    }
    return ByteBuffer.allocate(8 + bytes.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(bytes.size())
        .put(bytes.toByteArray())
        .flip();
  }
}
