package io.realign.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.bytedeco.pytorch.Tensor;

/** The zip of {@code torch.save}: NAME/data.pkl, NAME/data/KEY, NAME/byteorder; none compressed. */
final class TorchZip implements TorchFile.Storages, AutoCloseable {

  /** The first four bytes of a zip: {@code PK 3 4}. */
  static final int MAGIC = 0x504b0304;

  private static final int MAX_PICKLE = 64 << 20;

  private final ZipFile zip;
  private final String prefix;
  private long unread;

  private TorchZip(ZipFile zip, String prefix, long size) {
    this.zip = zip;
    this.prefix = prefix;
    this.unread = size;
  }

  static TorchZip open(Path file) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new Malformed("a damaged or truncated zip file: " + Failures.reason(e));
    }
    try {
      TorchZip opened = new TorchZip(zip, prefix(zip), Files.size(file));
      opened.checkKind();
      return opened;
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static String prefix(ZipFile zip) throws Malformed {
    return zip.stream()
        .map(ZipEntry::getName)
        .filter(name -> name.matches("[^/]+/data\\.pkl"))
        .findFirst()
        .map(name -> name.substring(0, name.indexOf('/') + 1))
        .orElseThrow(
            () -> new Malformed("a zip without data.pkl, so not a file that torch.save wrote"));
  }

  private void checkKind() throws IOException {
    if (zip.getEntry(prefix + "constants.pkl") != null
        || zip.stream().anyMatch(entry -> entry.getName().startsWith(prefix + "code/"))) {
      throw new Malformed(
          "a TorchScript program, not a state dictionary (save model.state_dict())");
    }
    ZipEntry order = zip.getEntry(prefix + "byteorder");
    if (order != null) {
      String text = new String(bytes(order, 16), StandardCharsets.US_ASCII).strip();
      if (!text.equals("little")) {
        throw new Malformed("its byte order is '" + Pickle.show(text) + "', not little");
      }
    }
  }

  Object pickle() throws IOException {
    return Pickle.read(ByteBuffer.wrap(bytes(entry("data.pkl"), MAX_PICKLE)), new HashMap<>());
  }

  @Override
  public Tensor read(Pickle.Storage storage) throws IOException {
    ZipEntry entry = entry("data/" + storage.key());
    long needed;
    try {
      needed = Math.multiplyExact(storage.count(), storage.type().bytes);
    } catch (ArithmeticException e) {
      needed = Long.MAX_VALUE;
    }
    if (entry.getSize() != needed) {
      throw new Malformed(
          "storage '%s' has %d bytes, its %d values of %s need %d"
              .formatted(
                  Pickle.show(storage.key()),
                  entry.getSize(),
                  storage.count(),
                  storage.type(),
                  needed));
    }
    claim(entry);
    try (InputStream in = zip.getInputStream(entry);
        ReadableByteChannel channel = Channels.newChannel(in)) {
      return TorchFile.values(channel, storage);
    } catch (ZipException e) {
      throw new Malformed("a damaged zip file: " + Failures.reason(e));
    }
  }

  private byte[] bytes(ZipEntry entry, int most) throws IOException {
    claim(entry);
    if (entry.getSize() > most) {
      throw new Malformed(
          "%s has %d bytes".formatted(Pickle.show(entry.getName()), entry.getSize()));
    }
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readNBytes((int) entry.getSize());
    } catch (ZipException e) {
      throw new Malformed("a damaged zip file: " + Failures.reason(e));
    }
  }

  private ZipEntry entry(String name) throws Malformed {
    ZipEntry entry = zip.getEntry(prefix + name);
    if (entry == null) {
      throw new Malformed("its part " + Pickle.show(prefix + name) + " is missing");
    }
    return entry;
  }

  /** Parts are stored as they are and do not overlap: together they are no longer than the file. */
  private void claim(ZipEntry entry) throws Malformed {
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() != entry.getCompressedSize()) {
      throw new Malformed(
          Pickle.show(entry.getName()) + " is compressed, which torch.save never does");
    }
    unread -= entry.getSize();
    if (entry.getSize() < 0 || unread < 0) {
      throw new Malformed(Pickle.show(entry.getName()) + " claims more bytes than the file has");
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
