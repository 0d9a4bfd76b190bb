package io.realign.data;

import io.realign.io.InputException;
import io.realign.io.Pixels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * One file of CIFAR records as read: per record its label bytes, then 3,072 bytes of a planar 32×32
 * RGB image. The last label byte is the class.
 */
final class CifarFile {

  static final int SIDE = 32;
  static final int IMAGE_BYTES = 3 * SIDE * SIDE;

  private final byte[] bytes;
  private final int labelBytes;

  private CifarFile(byte[] bytes, int labelBytes) {
    this.bytes = bytes;
    this.labelBytes = labelBytes;
  }

  /**
   * Reads and checks a file.
   *
   * @param limits the number of values of each label byte
   * @throws InputException if it cannot be read, ends within a record or holds an impossible label
   */
  static CifarFile read(Path file, int... limits) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException | OutOfMemoryError e) {
      throw new InputException("cannot read " + file + ": " + e, e);
    }
    int record = limits.length + IMAGE_BYTES;
    if (bytes.length == 0 || bytes.length % record != 0) {
      throw new InputException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, which is no whole number of records of %,d bytes"
                  + " (%,d records and %,d bytes): the file is cut off or not a CIFAR file",
              file,
              bytes.length,
              record,
              bytes.length / record,
              bytes.length % record));
    }
    for (int start = 0; start < bytes.length; start += record) {
      for (int i = 0; i < limits.length; i++) {
        int label = bytes[start + i] & 0xff;
        if (label >= limits[i]) {
          throw new InputException(
              String.format(
                  Locale.ROOT,
                  "%s: record %,d has label %d, expected 0 to %d: probably not a CIFAR file of this"
                      + " kind",
                  file,
                  start / record,
                  label,
                  limits[i] - 1));
        }
      }
    }
    return new CifarFile(bytes, limits.length);
  }

  int records() {
    return bytes.length / (labelBytes + IMAGE_BYTES);
  }

  Sample sample(int record) {
    int image = record * (labelBytes + IMAGE_BYTES) + labelBytes;
    byte[] rgb = Arrays.copyOfRange(bytes, image, image + IMAGE_BYTES);
    return new Sample(new Pixels(SIDE, SIDE, rgb), Annotation.ofClass(bytes[image - 1] & 0xff));
  }
}
