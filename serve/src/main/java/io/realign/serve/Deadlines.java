package io.realign.serve;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.CloseConnectionException;
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
import java.util.function.Consumer;

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
  private static final long TELLING_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Duration requestTime;
  private final Duration answerTime;
  private final Metrics metrics;
  private final Consumer<Throwable> log;
  private final byte[] tooSlow;
  private final Map<Thread, Watch> watches = new ConcurrentHashMap<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("deadlines").daemon().factory());

  /**
   * Starts the clock.
   *
   * @param metrics counts who was told
   * @param log takes what should not have happened
   */
  Deadlines(Duration requestTime, Duration answerTime, Metrics metrics, Consumer<Throwable> log) {
    this.requestTime = requestTime;
    this.answerTime = answerTime;
    this.metrics = metrics;
    this.log = log;
    this.tooSlow = tooSlow(requestTime);
    clock.scheduleWithFixedDelay(this::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * A thread that must come on.
   *
   * @param until by the system's nanoseconds
   * @param request whose client is to be told; empty where an answer is on its way already
   */
  private record Watch(long until, Optional<Request> request) {}

  private record Request(ConnectionContext connection, String method) {}

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
    Request request = new Request(connection, prologue.method().text());
    watches.put(Thread.currentThread(), new Watch(until, Optional.of(request)));
  }

  @Override
  public void headers(ConnectionContext connection, Headers headers) {
    boolean body =
        headers.contains(HeaderNames.TRANSFER_ENCODING)
            || headers.contains(HeaderNames.CONTENT_LENGTH)
                && !headers.contains(HeaderValues.CONTENT_LENGTH_ZERO);
    if (!body && watches.remove(Thread.currentThread()) == null) {
      throw new CloseConnectionException("the request came too late"); // its client is being told
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
    watch(answerTime.toNanos());
  }

  /** It has sent it. */
  void answered() {
    watches.remove(Thread.currentThread());
  }

  private void watch(long nanos) {
    watches.put(Thread.currentThread(), new Watch(System.nanoTime() + nanos, Optional.empty()));
  }

  /** Never throws, or it would be its last time; never waits for a client. */
  private void look() {
    try {
      long now = System.nanoTime();
      watches.keySet().removeIf(thread -> !thread.isAlive()); // their connections are closed
      watches.forEach(
          (thread, watch) -> {
            if (watch.until() - now < 0 && watches.remove(thread, watch)) {
              end(thread, watch);
            }
          });
    } catch (RuntimeException | Error e) {
      log.accept(e);
    }
  }

  private void end(Thread thread, Watch watch) {
    if (watch.request().isEmpty()) {
      thread.interrupt();
      return;
    }
    try {
      Thread.startVirtualThread(() -> tell(watch.request().get(), thread));
    } catch (RuntimeException | Error e) {
      thread.interrupt();
      throw e;
    }
  }

  /** Runs on a thread of its own, which must come on itself: the client may read nothing. */
  private void tell(Request request, Thread thread) {
    try {
      watch(TELLING_NANOS);
      request.connection().dataWriter().writeNow(BufferData.create(tooSlow));
      metrics.refused(request.method(), HttpStatus.REQUEST_TIMEOUT.code());
    } catch (RuntimeException e) {
      // it is gone already: there is nobody to tell
    } finally {
      answered();
      thread.interrupt();
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
