package io.realign.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Downloads files over HTTP: resumes what an earlier try left in {@code FILE.part}, tries again
 * when the connection breaks, checks the sum, and only then gives the file its name.
 *
 * @param patience how long to wait for a connection, an answer or the next bytes
 * @param attempts how many tries in a row may bring nothing
 * @param pause the wait before the second try; it doubles with each further one
 */
public record Download(Duration patience, int attempts, Duration pause) {

  /** Checks the values. */
  public Download {
    if (attempts < 1 || patience.isNegative() || patience.isZero() || pause.isNegative()) {
      throw new IllegalArgumentException(
          "a download needs patience > 0, attempts ≥ 1 and pause ≥ 0, not %s, %d, %s"
              .formatted(patience, attempts, pause));
    }
  }

  /** Thirty seconds of patience, five attempts, one second before the second. */
  public static Download standard() {
    return new Download(Duration.ofSeconds(30), 5, Duration.ofSeconds(1));
  }

  /**
   * Brings {@code remote} to {@code file}; does nothing if it is there already with the right sum.
   *
   * @throws UncheckedIOException if the server cannot be reached, refuses, sends something with
   *     another sum (which is deleted), or the disk is full; one line that says what to do
   */
  public void fetch(RemoteFile remote, Path file, Progress progress) {
    if (Files.isRegularFile(file) && remote.checksum().matches(file)) {
      return;
    }
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      transfer(remote, part, progress);
      if (!remote.checksum().matches(part)) {
        String found = Checksum.of(part, remote.checksum().algorithm());
        Files.delete(part);
        throw new UncheckedIOException(
            new IOException(
                "%s: what came from %s has the sum %s instead of %s; it was deleted, try again"
                    .formatted(file, remote.address(), found, remote.checksum())));
      }
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw Failures.writing(file, e);
    }
  }

  private void transfer(RemoteFile remote, Path part, Progress progress) throws IOException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      int failures = 0;
      while (true) {
        long before = size(part);
        try {
          if (attempt(client, remote, part, progress)) {
            return;
          }
        } catch (ServerFailure e) {
          failures = size(part) > before ? 1 : failures + 1;
          if (failures >= attempts || e.last) {
            client.shutdownNow();
            throw unreachable(remote, part, e);
          }
          sleep(pause.multipliedBy(1L << Math.min(failures - 1, 6)));
        }
      }
    }
  }

  /** Whether the file is complete; false asks for a new start from the first byte. */
  private boolean attempt(HttpClient client, RemoteFile remote, Path part, Progress progress)
      throws IOException, ServerFailure {
    long have = size(part);
    HttpRequest.Builder request = HttpRequest.newBuilder(remote.address()).timeout(patience);
    if (have > 0) {
      request.header("Range", "bytes=" + have + "-");
    }
    HttpResponse<InputStream> response = send(client, request.build());
    String range = response.headers().firstValue("Content-Range").orElse("");
    try (InputStream body = response.body()) {
      switch (response.statusCode()) {
        case 200 -> have = 0;
        case 206 -> {
          if (!range.startsWith("bytes " + have + "-")) {
            throw new ServerFailure("an answer for other bytes: " + range, true);
          }
        }
        case 416 -> {
          if (range.equals("bytes */" + have)) {
            return true;
          }
          Files.delete(part);
          return false;
        }
        default -> {
          int status = response.statusCode();
          boolean passing = status >= 500 || status == 408 || status == 429;
          throw new ServerFailure("HTTP status " + status, !passing);
        }
      }
      long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
      receive(body, part, have, length < 0 ? -1 : have + length, remote.name(), progress);
      return true;
    }
  }

  private static HttpResponse<InputStream> send(HttpClient client, HttpRequest request)
      throws IOException, ServerFailure {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (IOException e) {
      throw new ServerFailure(named(e), false);
    }
  }

  private void receive(
      InputStream body, Path part, long have, long total, String name, Progress progress)
      throws IOException, ServerFailure {
    AtomicLong heard = new AtomicLong(System.nanoTime());
    Thread watch = Thread.ofVirtual().start(() -> closeWhenSilent(body, heard));
    try (OutputStream out =
        have == 0
            ? Files.newOutputStream(part)
            : Files.newOutputStream(part, StandardOpenOption.APPEND)) {
      byte[] buffer = new byte[1 << 16];
      long done = have;
      for (int n = next(body, buffer); n >= 0; n = next(body, buffer)) {
        heard.set(System.nanoTime());
        out.write(buffer, 0, n);
        done += n;
        progress.advanced(name, done, total);
      }
      if (total >= 0 && done < total) {
        throw new ServerFailure(
            "the connection ended after %d of %d bytes".formatted(done, total), false);
      }
    } finally {
      watch.interrupt();
    }
  }

  private static int next(InputStream body, byte[] buffer) throws ServerFailure {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      throw new ServerFailure(named(e), false);
    }
  }

  private void closeWhenSilent(InputStream body, AtomicLong heard) {
    try {
      while (System.nanoTime() - heard.get() < patience.toNanos()) {
        Thread.sleep(Math.max(1, patience.toMillis() / 4));
      }
      body.close();
    } catch (InterruptedException | IOException e) {
      Thread.currentThread().interrupt(); // the download ended first
    }
  }

  private static void sleep(Duration pause) throws IOException {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  private static UncheckedIOException unreachable(RemoteFile remote, Path part, ServerFailure e) {
    URI address = remote.address();
    String advice =
        e.last
            ? "fetch %s by other means and put it there as %s".formatted(address, remote.name())
            : "check the network and run the same again: it goes on after %d bytes"
                .formatted(size(part));
    return new UncheckedIOException(
        "cannot download %s from %s: %s; %s"
            .formatted(remote.name(), address.getHost(), e.getMessage(), advice),
        new IOException(e));
  }

  private static String named(IOException e) {
    String message = Failures.reason(e);
    String type = e.getClass().getSimpleName();
    return message.equals(type) || message.length() > 30 ? message : message + " (" + type + ")";
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      return 0;
    }
  }

  /** The other side failed; the disk did not. */
  private static final class ServerFailure extends Exception {
    private static final long serialVersionUID = 1;

    /** Whether another try would end the same. */
    private final boolean last;

    ServerFailure(String message, boolean last) {
      super(message);
      this.last = last;
    }
  }
}
