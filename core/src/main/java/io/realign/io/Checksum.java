package io.realign.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file's bytes must add up to.
 *
 * @param algorithm the digest
 * @param hex its value in lower-case hexadecimal, or the first digits of it (at least eight)
 */
public record Checksum(Algorithm algorithm, String hex) {

  /** The digests in use. */
  public enum Algorithm {
    /** Of lists that have no better: it finds damage, not malice. */
    MD5("MD5"),
    /** What everything else has. */
    SHA256("SHA-256");

    private final String standardName;

    Algorithm(String standardName) {
      this.standardName = standardName;
    }

    MessageDigest digest() {
      try {
        return MessageDigest.getInstance(standardName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has " + standardName, e);
      }
    }
  }

  /** Checks the digits. */
  public Checksum {
    if (!hex.matches("[0-9a-f]{8,64}")) {
      throw new IllegalArgumentException(
          "a checksum has 8 to 64 lower-case hexadecimal digits, not '" + hex + "'");
    }
  }

  /** A check by MD5. */
  public static Checksum md5(String hex) {
    return new Checksum(Algorithm.MD5, hex);
  }

  /** A check by SHA-256, or by its first digits. */
  public static Checksum sha256(String hex) {
    return new Checksum(Algorithm.SHA256, hex);
  }

  /**
   * The SHA-256 of a file: 64 lower-case hexadecimal digits.
   *
   * @throws InputException if there is no such file
   */
  public static String sha256(Path file) {
    return of(file, Algorithm.SHA256);
  }

  /** The SHA-256 of bytes: 64 lower-case hexadecimal digits. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Algorithm.SHA256.digest().digest(bytes));
  }

  /**
   * The digest of a file in lower-case hexadecimal.
   *
   * @throws InputException if there is no such file
   */
  public static String of(Path file, Algorithm algorithm) {
    MessageDigest digest = algorithm.digest();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Whether the file's bytes add up to this. */
  public boolean matches(Path file) {
    return of(file, algorithm).startsWith(hex);
  }

  @Override
  public String toString() {
    return algorithm.standardName + " " + hex;
  }
}
