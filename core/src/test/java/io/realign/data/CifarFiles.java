package io.realign.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes tiny files in the official CIFAR layouts. */
public final class CifarFiles {

  private CifarFiles() {}

  /** A file of {@code records} images: record i is of class i mod classes and all pixels are i. */
  public static void write(Path file, int records, int labelBytes, int classes) throws IOException {
    int record = labelBytes + 3072;
    byte[] bytes = new byte[records * record];
    for (int i = 0; i < records; i++) {
      java.util.Arrays.fill(bytes, i * record, (i + 1) * record, (byte) i);
      bytes[i * record] = 0; // the coarse label, where there are two
      bytes[i * record + labelBytes - 1] = (byte) (i % classes);
    }
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  /** A data folder with CIFAR-10's two parts. */
  public static Path cifar10(Path dataDir, int train, int test) throws IOException {
    Path folder = dataDir.resolve("cifar-10-batches-bin");
    write(folder.resolve("data_batch_1.bin"), train, 1, 10);
    write(folder.resolve("test_batch.bin"), test, 1, 10);
    return dataDir;
  }
}
