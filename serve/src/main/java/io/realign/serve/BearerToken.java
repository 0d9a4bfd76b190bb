package io.realign.serve;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** The secret that requests must bring; compared in a time that tells nothing about it. */
final class BearerToken {

  private static final String SCHEME = "bearer ";

  private final byte[] digest;

  BearerToken(String token) {
    this.digest = digest(token);
  }

  /** Whether a header {@code Authorization} brings it. */
  boolean isIn(Optional<String> authorization) {
    String header = authorization.orElse("");
    boolean scheme = header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    String brought = scheme ? header.substring(SCHEME.length()).strip() : "";
    return MessageDigest.isEqual(digest, digest(brought)) && scheme;
  }

  /** Of equal length for all, so that lengths take equal time. */
  private static byte[] digest(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("a Java platform without SHA-256", e);
    }
  }
}
