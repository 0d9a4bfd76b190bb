package io.realign.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Sends images to a service as fast as it takes them: connections that are kept, each with a
 * virtual thread that sends its next request when the last one is answered. Its own HTTP, since a
 * client library would take as much of the cores as the service.
 *
 * @param endpoint a path that takes an image: {@code http://127.0.0.1:8080/v1/models/NAME/purify}
 * @param images files, sent in turns
 */
record LoadDriver(URI endpoint, List<byte[]> images) {

  private static final int OK = 200;
  private static final int REFUSED = 503;
  private static final String BROKEN = "broken connection";
  private static final int PATIENCE_MILLIS = 60_000;
  private static final long AFTER_REFUSAL_MILLIS = 20; // who is refused does not come back at once
  private static final long LOOK_MILLIS = 1000;

  /** What one connection saw. */
  private static final class Seen {
    private long[] nanos = new long[1024];
    private int served;
    private long refused;
    private final Map<String, Long> other = new TreeMap<>();

    void served(long time) {
      if (served == nanos.length) {
        nanos = Arrays.copyOf(nanos, 2 * served);
      }
      nanos[served++] = time;
    }

    void other(String what) {
      other.merge(what, 1L, Long::sum);
    }

    LongStream times() {
      return Arrays.stream(nanos, 0, served);
    }
  }

  /**
   * Drives the service.
   *
   * @param connections at once
   * @param memory asked every second for that of the service
   */
  LoadFigures drive(int connections, Duration duration, Supplier<OptionalDouble> memory) {
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    List<Double> resident = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Seen>> running = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        int first = i;
        running.add(threads.submit(() -> connection(first, end)));
      }
      while (System.nanoTime() - end < 0) {
        Thread.sleep(Math.clamp((end - System.nanoTime()) / 1_000_000, 1, LOOK_MILLIS));
        memory.get().ifPresent(resident::add);
      }
      List<Seen> seen = new ArrayList<>();
      for (Future<Seen> each : running) {
        seen.add(each.get());
      }
      return LoadFigures.of(
          (System.nanoTime() - start) / 1e9,
          connections,
          seen.stream().flatMapToLong(Seen::times).toArray(),
          seen.stream().mapToLong(each -> each.refused).sum(),
          seen.stream()
              .flatMap(each -> each.other.entrySet().stream())
              .collect(
                  Collectors.toMap(
                      Map.Entry::getKey, Map.Entry::getValue, Long::sum, TreeMap::new)),
          resident);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while driving a service", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Seen connection(int first, long end) throws InterruptedException {
    Seen seen = new Seen();
    int next = first;
    while (System.nanoTime() - end < 0) {
      try (Socket socket = new Socket(endpoint.getHost(), endpoint.getPort())) {
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        InputStream in = new BufferedInputStream(socket.getInputStream());
        boolean kept = true;
        while (kept && System.nanoTime() - end < 0) {
          long sent = System.nanoTime();
          send(socket.getOutputStream(), images.get(next++ % images.size()));
          Reply reply = Reply.read(in);
          kept = reply.kept();
          switch (reply.status()) {
            case OK -> seen.served(System.nanoTime() - sent);
            case REFUSED -> {
              seen.refused++;
              Thread.sleep(AFTER_REFUSAL_MILLIS);
            }
            default -> seen.other(Integer.toString(reply.status()));
          }
        }
      } catch (IOException e) {
        seen.other(BROKEN);
        Thread.sleep(AFTER_REFUSAL_MILLIS);
      }
    }
    return seen;
  }

  private void send(OutputStream out, byte[] image) throws IOException {
    byte[] head =
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n"
            .formatted(endpoint.getRawPath(), endpoint.getAuthority(), image.length)
            .getBytes(StandardCharsets.US_ASCII);
    byte[] request = Arrays.copyOf(head, head.length + image.length);
    System.arraycopy(image, 0, request, head.length, image.length);
    out.write(request);
    out.flush();
  }

  /** Status of an answer, and whether the connection goes on. */
  private record Reply(int status, boolean kept) {

    static Reply read(InputStream in) throws IOException {
      String first = line(in);
      if (!first.startsWith("HTTP/1.1 ")) {
        throw new IOException("no answer: " + first);
      }
      long length = 0;
      boolean kept = true;
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        String lower = line.toLowerCase(Locale.ROOT);
        if (lower.startsWith("content-length:")) {
          length = Long.parseLong(lower.substring("content-length:".length()).strip());
        } else if (lower.equals("connection: close")) {
          kept = false;
        }
      }
      in.skipNBytes(length);
      return new Reply(Integer.parseInt(first.substring(9, 12)), kept);
    }

    private static String line(InputStream in) throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("the connection ended");
        }
        if (c != '\r') {
          line.append((char) c);
        }
      }
      return line.toString();
    }
  }
}
