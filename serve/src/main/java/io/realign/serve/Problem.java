package io.realign.serve;

import io.realign.io.OneLine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Why a request is not served: a status and one line for whoever sent it.
 *
 * <p>It carries no stack trace: refusing must cost little.
 */
final class Problem extends RuntimeException {

  static final String CONTENT_TYPE = "application/problem+json";

  private static final long serialVersionUID = 1;
  private static final int LONGEST = 400;

  private final HttpStatus status;
  private final int retryAfter; // seconds, 0 for none

  private Problem(HttpStatus status, String detail, int retryAfter) {
    super(OneLine.of(firstLine(detail), LONGEST), null, false, false);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  static Problem of(HttpStatus status, String detail) {
    return new Problem(status, detail, 0);
  }

  /**
   * There is no room for the request now.
   *
   * @param seconds after which there may be, ≥ 1
   */
  static Problem overloaded(String detail, int seconds) {
    return new Problem(HttpStatus.SERVICE_UNAVAILABLE, detail, seconds);
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }

  HttpStatus status() {
    return status;
  }

  /** When to try again, in seconds. */
  OptionalInt retryAfter() {
    return retryAfter > 0 ? OptionalInt.of(retryAfter) : OptionalInt.empty();
  }

  /** As RFC 9457 has it. */
  Map<String, Object> body() {
    return body(status.code(), status.title(), String.valueOf(getMessage()));
  }

  /** The same of another status. */
  static Map<String, Object> body(int status, String title, String detail) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", "about:blank");
    body.put("title", title);
    body.put("status", status);
    body.put("detail", detail);
    return body;
  }
}
