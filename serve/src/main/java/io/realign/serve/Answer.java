package io.realign.serve;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What a request is answered with.
 *
 * @param status the status
 * @param contentType of the body
 * @param body its bytes
 * @param headers further ones
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Answer(HttpStatus status, String contentType, byte[] body, Map<String, String> headers) {

  private static final String JSON = "application/json";
  private static final String CONNECTION = "Connection";
  private static final String CLOSE = "close";

  Answer {
    headers = Map.copyOf(headers);
  }

  /** A value as JSON. */
  static Answer json(Object value) {
    return new Answer(HttpStatus.OK, JSON, Json.bytes(value), Map.of());
  }

  /**
   * The heap that a value of bytes takes until it stands in JSON: itself, and twice its base64, in
   * the writer's pieces and in the whole.
   */
  static long heap(byte[] value) {
    return 4L * value.length; // 1 + 2·4/3, rounded up
  }

  static Answer bytes(String contentType, byte[] body) {
    return new Answer(HttpStatus.OK, contentType, body, Map.of());
  }

  static Answer text(String contentType, String body) {
    return bytes(contentType, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Why there is nothing else. */
  static Answer of(Problem problem) {
    Answer answer =
        new Answer(problem.status(), Problem.CONTENT_TYPE, Json.bytes(problem.body()), Map.of());
    return problem.retryAfter().isPresent()
        ? answer.with("Retry-After", Integer.toString(problem.retryAfter().getAsInt()))
        : answer;
  }

  /** The same with another header. */
  Answer with(String header, String value) {
    Map<String, String> more = new HashMap<>(headers);
    more.put(header, value);
    return new Answer(status, contentType, body, more);
  }

  /** The same, after which the connection is closed. */
  Answer asLast() {
    return with(CONNECTION, CLOSE);
  }

  /** Whether the connection is closed after it. */
  boolean isLast() {
    return CLOSE.equals(headers.get(CONNECTION));
  }

  /** The same with another status. */
  Answer with(HttpStatus other) {
    return new Answer(other, contentType, body, headers);
  }
}
