package io.realign.target;

import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** The folder of real data and weights that tests tagged {@code real} read. */
final class RealData {

  private static final int RECORD = 3073;

  private RealData() {}

  static Path folder() {
    String folder = System.getProperty("real.data");
    if (folder == null) {
      throw new IllegalStateException("set -Dreal.data=FOLDER to the unpacked data sheet");
    }
    return Path.of(folder);
  }

  static Path weights(String name) {
    return folder().resolve("weights").resolve(name);
  }

  /** The CIFAR-10 test images from {@code start} on: [n,3,32,32] in [0,1]. */
  static Tensor cifarImages(byte[] test, int start, int count) {
    float[] values = new float[count * 3072];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < 3072; j++) {
        values[i * 3072 + j] = (test[(start + i) * RECORD + 1 + j] & 0xff) / 255f;
      }
    }
    return Ops.floats(values, count, 3, 32, 32);
  }

  static byte[] cifarTest() throws IOException {
    return Files.readAllBytes(folder().resolve("cifar-10-batches-bin").resolve("test_batch.bin"));
  }

  static long[] cifarLabels(byte[] test, int start, int count) {
    long[] labels = new long[count];
    Arrays.setAll(labels, i -> test[(start + i) * RECORD]);
    return labels;
  }

  static StateDict temporaryRead(Path file) throws IOException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int header = (int) all.getLong();
    byte[] json = new byte[header];
    all.get(json);
    var matcher =
        java.util.regex.Pattern.compile(
                "\"([^\"]+)\": ?\\{\"dtype\": ?\"F32\", ?\"shape\": ?\\[([^]]*)], ?\"data_offsets\": ?\\[(\\d+), ?(\\d+)]")
            .matcher(new String(json, java.nio.charset.StandardCharsets.UTF_8));
    StateDict dict = new StateDict();
    while (matcher.find()) {
      long[] shape =
          Arrays.stream(matcher.group(2).split(", ?")).mapToLong(Long::parseLong).toArray();
      int from = Integer.parseInt(matcher.group(3));
      float[] values = new float[(Integer.parseInt(matcher.group(4)) - from) / 4];
      all.slice(8 + header + from, values.length * 4)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(values);
      dict.put(matcher.group(1), Ops.floats(values, shape));
    }
    return dict;
  }
}
