package io.realign.serve;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Closes connections whose clients are too slow, which the HTTP library does not: it reads and
 * writes without a time limit.
 *
 * <p>A request has some time from its first line to the end of its body, and its answer some time
 * to be taken. Who sends too slowly is told so with a 408. A connection is served by one thread,
 * and interrupting that closes it.
 */
final class Deadlines implements Http1ConnectionListener, AutoCloseable {

  private static final long EVERY_MILLIS = 100;

  private final Duration requestTime;
  private final Duration answerTime;
  private final byte[] tooSlow;
  private final Map<Thread, Watch> watches = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("deadlines").daemon().factory());

  Deadlines(Duration requestTime, Duration answerTime) {
    this.requestTime = requestTime;
    this.answerTime = answerTime;
    this.tooSlow = tooSlow(requestTime);
    clock.scheduleWithFixedDelay(this::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * A thread that must come on.
   *
   * @param until by the system's nanoseconds
   * @param client who is to be told; empty where an answer is on its way already
   */
  private record Watch(long until, Optional<ConnectionContext> client) {}

  private static byte[] tooSlow(Duration limit) {
    Answer answer =
        Answer.of(
            Problem.of(
                HttpStatus.REQUEST_TIMEOUT,
                "the request did not arrive within %d ms".formatted(limit.toMillis())));
    String head =
        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(
                answer.status().code(),
                answer.status().title(),
                answer.contentType(),
                answer.body().length);
    return (head + new String(answer.body(), StandardCharsets.UTF_8))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void prologue(ConnectionContext connection, HttpPrologue prologue) {
    long until = System.nanoTime() + requestTime.toNanos();
    watches.put(Thread.currentThread(), new Watch(until, Optional.of(connection)));
  }

  @Override
  public void headers(ConnectionContext connection, Headers headers) {
    boolean body =
        headers.contains(HeaderNames.TRANSFER_ENCODING)
            || headers.contains(HeaderNames.CONTENT_LENGTH)
                && !headers.contains(HeaderValues.CONTENT_LENGTH_ZERO);
    if (!body) {
      arrived();
    }
  }

  /**
   * The request of this thread is here: what takes time from now on is not the client's doing.
   *
   * @throws Cancelled if it came too late
   */
  void arrived() {
    if (watches.remove(Thread.currentThread()) == null) {
      throw new Cancelled();
    }
  }

  /** This thread is about to send an answer. */
  void answering() {
    long until = System.nanoTime() + answerTime.toNanos();
    watches.put(Thread.currentThread(), new Watch(until, Optional.empty()));
  }

  /** It has sent it. */
  void answered() {
    watches.remove(Thread.currentThread());
  }

  private void look() {
    long now = System.nanoTime();
    watches.forEach(
        (thread, watch) -> {
          if (watch.until() - now < 0 && watches.remove(thread, watch)) {
            watch.client().ifPresent(this::tell);
            thread.interrupt();
          }
        });
  }

  private void tell(ConnectionContext client) {
    try {
      client.dataWriter().writeNow(BufferData.create(tooSlow));
    } catch (RuntimeException e) {
      // it is gone already: there is nobody to tell
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
