package io.realign.io;

import io.realign.nn.StateDict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** Reads weights of any supported format; what the file holds decides, not its name. */
public final class Weights {

  private static final int ZIP = 0x504b0304;

  private Weights() {}

  /**
   * The tensors of a safetensors file or of a PyTorch state dictionary, on the CPU, with the
   * element types of the file ({@link Safetensors#floats} makes fp32 of them).
   *
   * @throws InputException if there is no such file, it is neither, or it is not sound; one line
   *     that names it
   */
  public static StateDict read(Path file) {
    byte[] start = start(file);
    if (start.length == 0) {
      throw new InputException(file + ": is empty");
    }
    if (isZip(start) || start[0] == (byte) 0x80 && !(start.length > 8 && start[8] == '{')) {
      return TorchFile.read(file);
    }
    if (start.length > 8 && start[8] == '{' || file.toString().endsWith(".safetensors")) {
      return Safetensors.read(file);
    }
    throw new InputException(
        file
            + ": holds no weights: expected safetensors or a PyTorch state dictionary, found "
            + kind(start));
  }

  /**
   * The texts that a safetensors file carries beside its tensors; none for a PyTorch state
   * dictionary.
   *
   * @throws InputException if there is no such file or its header is not sound
   */
  public static Map<String, String> metadata(Path file) {
    byte[] start = start(file);
    return start.length > 8 && start[8] == '{' && !isZip(start)
        ? Safetensors.readMetadata(file)
        : Map.of();
  }

  private static byte[] start(Path file) {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(64);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  private static boolean isZip(byte[] start) {
    return start.length >= 4 && ByteBuffer.wrap(start).getInt() == ZIP;
  }

  private static String kind(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.startsWith("version https://git-lfs")) {
      return "a Git LFS pointer (fetch the file itself with: git lfs pull)";
    }
    if (text.startsWith("\u001f\u008b")) {
      return "a gzip archive";
    }
    if (text.startsWith("\u0089HDF")) {
      return "an HDF5 file";
    }
    if (text.startsWith("\u0089PNG") || text.startsWith("\u00ff\u00d8")) {
      return "an image";
    }
    if (text.stripLeading().startsWith("<")) {
      return "a web page";
    }
    boolean printable = text.chars().allMatch(c -> c >= 0x20 && c < 0x7f || c >= 9 && c <= 13);
    return printable
        ? "text"
        : "bytes that start with " + hex(Arrays.copyOf(start, Math.min(8, start.length)));
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.ofDelimiter(" ").formatHex(bytes);
  }
}
