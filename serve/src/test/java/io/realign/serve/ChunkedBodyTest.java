package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that say they are endless, at full speed: refused, and never gathered. */
@Timeout(120)
final class ChunkedBodyTest {

  private static final int SENT = 64;
  private static final int MEGABYTE = 1 << 20;

  @RegisterExtension static final SmallService SERVICE = new SmallService(Duration.ofSeconds(30));

  private static final Client CLIENT = SERVICE.client();

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/models/defense-alone/purify, '7fffffff\n', 411", // a chunk of 2 GiB
    "/v1/models/defense-alone/purify, 7, 411", // a length without an end
    "/nowhere, '7fffffff\n', 404",
    "/metrics, '7fffffff\n', 405"
  })
  void takeNoMemory(String path, String start, int status) throws IOException {
    byte[] sevens = new byte[MEGABYTE];
    Arrays.fill(sevens, (byte) '7');
    try (Socket socket = CLIENT.connect()) {
      String head =
          "POST %s HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n".formatted(path);
      Client.write(socket, head + start, new byte[0]);
      byte[] answer = socket.getInputStream().readNBytes("HTTP/1.1 411 ".length());
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 %d ", status);
      long before = allocated();
      try {
        for (int i = 0; i < SENT; i++) {
          socket.getOutputStream().write(sevens);
        }
      } catch (IOException e) {
        // some of it is read, then the connection is closed
      }
      assertThat(allocated() - before).isLessThan(SENT / 4 * MEGABYTE);
    }
  }
}
