package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.NioSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.common.socket.SocketWriter;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that send no more, on real sockets. */
@Timeout(60)
final class DeadlinesTest {

  private static final Duration LIMIT = Duration.ofMillis(300);
  private static final int BUFFER = 4096; // of a socket: soon full
  private static final Duration SOON = Duration.ofSeconds(10);

  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Metrics metrics = new Metrics();

  /** Both ends of a connection. */
  private record Pair(SocketChannel client, SocketChannel server) implements AutoCloseable {

    static Pair open() throws IOException {
      try (ServerSocketChannel listener = ServerSocketChannel.open()) {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        SocketChannel client = SocketChannel.open();
        client.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER);
        client.connect(listener.getLocalAddress());
        SocketChannel server = listener.accept();
        server.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER);
        return new Pair(client, server);
      }
    }

    /** Sends what the client does not read, until there is no room for a byte more. */
    Pair filled() throws IOException, InterruptedException {
      server.configureBlocking(false);
      for (int full = 0; full < 5; full++) { // the system moves bytes on for a while
        for (int size = BUFFER; size > 0; size /= 2) {
          while (server.write(ByteBuffer.allocate(size)) > 0) {
            full = 0;
          }
        }
        Thread.sleep(50);
      }
      server.configureBlocking(true);
      return this;
    }

    /** A thread that waits for the rest of a request, as that of a connection does. */
    Thread served(Deadlines deadlines) {
      ConnectionContext connection = new Connection(NioSocket.server(server, "client", "server"));
      return Thread.startVirtualThread(
          () -> {
            deadlines.prologue(connection, PROLOGUE);
            try {
              server.read(ByteBuffer.allocate(1));
            } catch (IOException e) {
              // cut off
            }
          });
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  private static final HttpPrologue PROLOGUE =
      HttpPrologue.create("HTTP/1.1", "HTTP", "1.1", Method.GET, "/", true);

  /** As much of a connection of the library as a deadline needs. */
  private record Connection(HelidonSocket socket) implements ConnectionContext {

    @Override
    public DataWriter dataWriter() {
      return SocketWriter.create(socket);
    }

    @Override
    public DataReader dataReader() {
      return DataReader.create(socket);
    }

    @Override
    public ListenerContext listenerContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    public ExecutorService executor() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Router router() {
      throw new UnsupportedOperationException();
    }

    @Override
    public PeerInfo remotePeer() {
      return socket.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return socket.localPeer();
    }

    @Override
    public boolean isSecure() {
      return false;
    }

    @Override
    public String socketId() {
      return socket.socketId();
    }

    @Override
    public String childSocketId() {
      return socket.childSocketId();
    }
  }

  private Deadlines deadlines(Duration requestTime) {
    return new Deadlines(requestTime, LIMIT, metrics, failures::add);
  }

  private static String readAll(SocketChannel client) {
    try {
      return new String(client.socket().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aClientThatReadsNothingIsCutOffAndSparesNoOther() throws Exception {
    try (Deadlines deadlines = deadlines(LIMIT);
        Pair deaf = Pair.open().filled();
        Pair other = Pair.open()) {
      Thread first = deaf.served(deadlines);
      Thread.sleep(LIMIT.dividedBy(2));
      Thread second = other.served(deadlines);
      assertThat(second.join(SOON)).as("the other's deadline").isTrue();
      assertThat(first.join(SOON)).as("its own deadline").isTrue();
      other.server().close();
      assertThat(readAll(other.client())).startsWith("HTTP/1.1 408 ").contains("within 300 ms");
      assertThat(new String(metrics.text(), StandardCharsets.UTF_8))
          .contains("realign_requests_total{method=\"GET\",route=\"none\",status=\"408\"} 1.0");
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void holdsNoConnectionWhoseThreadHasEnded() throws Exception {
    try (Deadlines deadlines = deadlines(Duration.ofHours(1));
        Pair pair = Pair.open()) {
      WeakReference<ConnectionContext> gone = connectionThatEnds(deadlines, pair);
      long until = System.nanoTime() + SOON.toNanos();
      while (gone.get() != null && System.nanoTime() - until < 0) {
        System.gc();
        Thread.sleep(50);
      }
      assertThat(gone.get()).isNull();
    }
  }

  private static WeakReference<ConnectionContext> connectionThatEnds(Deadlines deadlines, Pair pair)
      throws InterruptedException {
    ConnectionContext connection = new Connection(NioSocket.server(pair.server(), "c", "s"));
    Thread.startVirtualThread(() -> deadlines.prologue(connection, PROLOGUE)).join();
    return new WeakReference<>(connection);
  }
}
