package io.realign.train;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes scalars as a TensorBoard event file: records of a length, its masked CRC-32C, an Event
 * message and its masked CRC-32C.
 */
final class TensorBoardWriter implements Listener, AutoCloseable {

  private static final long EVERY = 10;

  private final OutputStream out;

  /**
   * A new event file in {@code folder}; TensorBoard joins all of a folder.
   *
   * @param step where the run goes on: TensorBoard forgets what earlier files say of later steps
   */
  TensorBoardWriter(Path folder, long step) {
    long now = System.currentTimeMillis();
    Path file =
        folder.resolve("events.out.tfevents.%010d.%03d.realign".formatted(now / 1000, now % 1000));
    try {
      out = Files.newOutputStream(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
    Message event =
        new Message()
            .fixed64(1, now / 1e3)
            .bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
    write(event);
    Message start = new Message().varint(1, 1); // SessionLog.status = START
    write(new Message().fixed64(1, now / 1e3).varint(2, step + 1).bytes(7, start.toBytes()));
  }

  @Override
  public void stepped(Progress progress) {
    if (progress.step() % EVERY == 0) {
      progress.losses().forEach((name, value) -> scalar("loss/" + name, progress.step(), value));
      scalar("images_per_second", progress.step(), progress.imagesPerSecond());
      scalar("learning_rate", progress.step(), progress.learningRate());
    }
  }

  @Override
  public void validated(long step, Map<String, Double> figures, boolean best) {
    figures.forEach((name, value) -> scalar("validation/" + name, step, value));
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void scalar(String tag, long step, double value) {
    Message number = // Summary.Value
        new Message().bytes(1, tag.getBytes(StandardCharsets.UTF_8)).fixed32(2, (float) value);
    Message summary = new Message().bytes(1, number.toBytes());
    write(
        new Message()
            .fixed64(1, System.currentTimeMillis() / 1e3)
            .varint(2, step)
            .bytes(5, summary.toBytes()));
  }

  private void write(Message event) {
    byte[] data = event.toBytes();
    byte[] length =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(data.length).array();
    ByteBuffer frame = ByteBuffer.allocate(16 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    frame.put(length).putInt(maskedCrc(length)).put(data).putInt(maskedCrc(data));
    try {
      out.write(frame.array());
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the TensorBoard events cannot be written: " + e.getMessage(), e);
    }
  }

  static int maskedCrc(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    int value = (int) crc.getValue();
    return ((value >>> 15) | (value << 17)) + 0xa282ead8;
  }

  /** The four wire types of protocol buffers that an event needs. */
  private static final class Message {

    private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();

    Message varint(int field, long value) {
      raw((long) field << 3);
      raw(value);
      return this;
    }

    Message fixed64(int field, double value) {
      raw((long) field << 3 | 1);
      bytes.writeBytes(
          ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
      return this;
    }

    Message bytes(int field, byte[] value) {
      raw((long) field << 3 | 2);
      raw(value.length);
      bytes.writeBytes(value);
      return this;
    }

    Message fixed32(int field, float value) {
      raw((long) field << 3 | 5);
      bytes.writeBytes(
          ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
      return this;
    }

    byte[] toBytes() {
      return bytes.toByteArray();
    }

    private void raw(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        bytes.write((int) (rest & 0x7f | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
    }
  }
}
