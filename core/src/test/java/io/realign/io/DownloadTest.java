package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {

  /** What the server does with a request whose range starts at {@code from} (0: none). */
  private interface Behaviour {
    void answer(HttpExchange exchange, int from) throws IOException;
  }

  private static final byte[] CONTENT = new byte[300_000];

  static {
    new Random(1).nextBytes(CONTENT);
  }

  private final Path folder;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Integer> starts = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch end = new CountDownLatch(1);
  private final Download download = new Download(Duration.ofMillis(600), 3, Duration.ofMillis(5));

  DownloadTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void bringsAFileAndReportsItsProgress() {
    serve((exchange, from) -> send(exchange, 200, CONTENT, CONTENT.length));
    List<Long> seen = new ArrayList<>();
    Path file = folder.resolve("sub/file.bin");
    download.fetch(
        remote(CONTENT),
        file,
        (what, done, total) -> {
          assertThat(what).isEqualTo("file.bin");
          assertThat(total).isEqualTo(CONTENT.length);
          seen.add(done);
        });
    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(seen).isSorted().last().isEqualTo((long) CONTENT.length);
    download.fetch(remote(CONTENT), file, Progress.NONE);
    assertThat(starts).as("a complete file is not asked for again").hasSize(1);
  }

  @Test
  void goesOnWhereBrokenConnectionsStopped() {
    serve(
        (exchange, from) -> {
          int upTo = Math.min(CONTENT.length, from + 70_000);
          partial(exchange, from, Arrays.copyOfRange(CONTENT, from, upTo));
        });
    Path file = folder.resolve("file.bin");
    download.fetch(remote(CONTENT), file, Progress.NONE);
    assertThat(file).hasBinaryContent(CONTENT);
    assertThat(starts.size()).isBetween(5, 12);
    assertThat(starts).isSorted().startsWith(0);
    assertThat(folder.resolve("file.bin.part")).doesNotExist();
  }

  @Test
  void goesOnWithWhatAnEarlierRunLeft() throws IOException {
    serve(
        (exchange, from) ->
            partial(exchange, from, Arrays.copyOfRange(CONTENT, from, CONTENT.length)));
    Files.write(folder.resolve("file.bin.part"), Arrays.copyOf(CONTENT, 1234));
    download.fetch(remote(CONTENT), folder.resolve("file.bin"), Progress.NONE);
    assertThat(folder.resolve("file.bin")).hasBinaryContent(CONTENT);
    assertThat(starts).containsExactly(1234);
  }

  @Test
  void startsAnewWhenTheServerIgnoresTheRange() throws IOException {
    serve((exchange, from) -> send(exchange, 200, CONTENT, CONTENT.length));
    Files.write(folder.resolve("file.bin.part"), new byte[777]);
    download.fetch(remote(CONTENT), folder.resolve("file.bin"), Progress.NONE);
    assertThat(folder.resolve("file.bin")).hasBinaryContent(CONTENT);
  }

  @Test
  void takesACompletePartAndDropsATooLongOne() throws IOException {
    serve(
        (exchange, from) -> {
          if (from >= CONTENT.length) {
            exchange.getResponseHeaders().add("Content-Range", "bytes */" + CONTENT.length);
            send(exchange, 416, new byte[0], -1);
          } else {
            send(exchange, 200, CONTENT, CONTENT.length);
          }
        });
    for (int length : new int[] {CONTENT.length, CONTENT.length + 9}) {
      Path file = folder.resolve("file" + length);
      Files.write(folder.resolve("file" + length + ".part"), Arrays.copyOf(CONTENT, length));
      download.fetch(remote(CONTENT), file, Progress.NONE);
      assertThat(file).hasBinaryContent(CONTENT);
    }
  }

  @Test
  void aWrongSumDeletesTheFileAndSaysSo() {
    serve((exchange, from) -> send(exchange, 200, CONTENT, CONTENT.length));
    Path file = folder.resolve("file.bin");
    assertThatThrownBy(() -> download.fetch(remote(new byte[3]), file, Progress.NONE))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("file.bin: what came from http://")
        .hasMessageContaining("it was deleted, try again");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void triesAgainAfterAServerError() {
    serve(
        (exchange, from) -> {
          if (starts.size() < 3) {
            send(exchange, 503, new byte[0], -1);
          } else {
            send(exchange, 200, CONTENT, CONTENT.length);
          }
        });
    download.fetch(remote(CONTENT), folder.resolve("file.bin"), Progress.NONE);
    assertThat(starts).hasSize(3);
  }

  @Test
  void givesUpAtOnceOnAMissingFile() {
    serve((exchange, from) -> send(exchange, 404, new byte[0], -1));
    assertThatThrownBy(() -> download.fetch(remote(CONTENT), folder.resolve("f"), Progress.NONE))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("HTTP status 404")
        .hasMessageContaining("by other means");
    assertThat(starts).hasSize(1);
  }

  @Test
  void followsRedirects() {
    server.createContext(
        "/file.bin",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/moved");
          send(exchange, 302, new byte[0], -1);
        });
    server.createContext("/moved", exchange -> send(exchange, 200, CONTENT, CONTENT.length));
    download.fetch(remote(CONTENT), folder.resolve("file.bin"), Progress.NONE);
    assertThat(folder.resolve("file.bin")).hasBinaryContent(CONTENT);
  }

  @Test
  void aSilentServerIsLeftAfterTheWait() {
    serve(
        (exchange, from) -> {
          exchange.sendResponseHeaders(200, CONTENT.length);
          exchange.getResponseBody().write(CONTENT, 0, 10);
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Download impatient = new Download(Duration.ofMillis(300), 1, Duration.ZERO);
    assertThatThrownBy(() -> impatient.fetch(remote(CONTENT), folder.resolve("f"), Progress.NONE))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("it goes on after 10 bytes");
  }

  @Test
  void withoutANetworkItSaysWhatToDo() {
    RemoteFile nowhere = remote(CONTENT);
    server.stop(0);
    assertThatThrownBy(() -> download.fetch(nowhere, folder.resolve("f"), Progress.NONE))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot download file.bin from localhost: ")
        .hasMessageContaining("check the network and run the same again");
  }

  @Test
  void theCatalogueBringsADataSetInItsLayoutOnce() throws IOException {
    byte[] archive = ArchiveTest.tarGz(Map.of("set/a.bin", "four", "set/b.txt", "x"));
    serve((exchange, from) -> send(exchange, 200, archive, archive.length));
    Catalog.Item item =
        new Catalog.Item("set", remote(archive), "set", true, Map.of("a.bin", 4L, "b.txt", -1L));
    Catalog catalog = new Catalog(List.of(item), download);
    Catalog.Fetched first = catalog.fetch("set", folder, Progress.NONE);
    assertThat(first).isEqualTo(new Catalog.Fetched(folder.resolve("set"), false));
    assertThat(folder.resolve("set/a.bin")).hasContent("four");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("set"));
    }
    assertThat(catalog.fetch("set", folder, Progress.NONE).wasThere()).isTrue();
    assertThat(starts).hasSize(1);
    Files.writeString(folder.resolve("set/a.bin"), "short of it");
    assertThatThrownBy(() -> catalog.fetch("set", folder, Progress.NONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a.bin has 11 bytes instead of 4");
  }

  @Test
  void theCatalogueNamesWhatItHas() {
    assertThat(Catalog.official().names())
        .containsExactly(
            "cifar10", "cifar100", "tiny-imagenet", "voc2012", "voc2007", "vgg16", "vgg19");
    assertThatThrownBy(() -> Catalog.official().fetch("cifar11", folder, Progress.NONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("unknown data 'cifar11': one of cifar10, cifar100");
  }

  private void serve(Behaviour behaviour) {
    server.createContext(
        "/file.bin",
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
          starts.add(from);
          behaviour.answer(exchange, from);
        });
  }

  /** Announces everything from {@code from} on but may send less and break the connection. */
  private static void partial(HttpExchange exchange, int from, byte[] bytes) throws IOException {
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %d-%d/%d".formatted(from, CONTENT.length - 1, CONTENT.length));
    send(exchange, from == 0 ? 200 : 206, bytes, CONTENT.length - from);
  }

  private static void send(HttpExchange exchange, int status, byte[] bytes, long announced)
      throws IOException {
    exchange.sendResponseHeaders(status, announced);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
      exchange.getResponseBody().flush();
      exchange.close();
    }
  }

  private RemoteFile remote(byte[] expected) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(expected);
      URI address = URI.create("http://localhost:" + server.getAddress().getPort() + "/file.bin");
      return new RemoteFile("file.bin", address, Checksum.sha256(HexFormat.of().formatHex(sum)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
