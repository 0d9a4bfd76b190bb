package io.realign.io;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The formats of image files that are read; content decides which one a file has, not its name. */
public enum ImageFormat {
  /** Read and written. */
  PNG("PNG", true, "png", "apng"),
  /** Read and written. */
  JPEG("JPEG", true, "jpg", "jpeg", "jpe", "jfif"),
  /** Read, and written without alpha. */
  BMP("BMP", true, "bmp", "dib"),
  /** Only read: its 256 colours could not hold a repaired image. */
  GIF("GIF", false, "gif"),
  /** Only read. */
  TIFF("TIFF", false, "tif", "tiff"),
  /** Only read: there is no writer of it in Java alone. */
  WEBP("WebP", false, "webp");

  /** How many bytes at the start of a file tell its format. */
  public static final int HEAD = 16;

  private final String word;
  private final boolean written;
  private final List<String> endings;

  ImageFormat(String word, boolean written, String... endings) {
    this.word = word;
    this.written = written;
    this.endings = List.of(endings);
  }

  /** What people call it. */
  public String word() {
    return word;
  }

  /** Whether {@link ImageEncoder} writes it. */
  public boolean written() {
    return written;
  }

  /** The usual ending of its files, without a dot. */
  public String ending() {
    return endings.getFirst();
  }

  /** Whether a file of that name is expected to have this format. */
  public boolean fits(String fileName) {
    String lower = fileName.toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(ending -> lower.endsWith("." + ending));
  }

  /** Whether a file of that name is expected to be an image. */
  public static boolean isImageName(String fileName) {
    return Arrays.stream(values()).anyMatch(format -> format.fits(fileName));
  }

  /** Such as {@code .png, .jpg, .jpeg}, for messages. */
  public static String allEndings() {
    return Arrays.stream(values())
        .flatMap(format -> format.endings.stream())
        .flatMap(ending -> Stream.of("." + ending))
        .collect(Collectors.joining(", "));
  }

  /** The format of a file that starts with {@code head}, {@link #HEAD} bytes or what there is. */
  public static Optional<ImageFormat> of(byte[] head) {
    String text = new String(head, 0, Math.min(HEAD, head.length), StandardCharsets.ISO_8859_1);
    if (text.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Optional.of(PNG);
    } else if (text.startsWith("\u00ff\u00d8\u00ff")) {
      return Optional.of(JPEG);
    } else if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) {
      return Optional.of(GIF);
    } else if (text.startsWith("II*\0") || text.startsWith("MM\0*")) {
      return Optional.of(TIFF);
    } else if (text.startsWith("RIFF") && text.startsWith("WEBP", 8)) {
      return Optional.of(WEBP);
    } else if (text.startsWith("BM") && text.length() == HEAD) {
      return Optional.of(BMP);
    }
    return Optional.empty();
  }
}
