package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Large answers while slow clients take them. */
@Timeout(240)
final class SlowReaderTest {

  private static final Pattern LENGTH = Pattern.compile("Content-Length: (\\d+)");
  private static final int BUFFERED = 5_000_000; // what the system may take from the service

  private static final List<Throwable> FAILURES = new CopyOnWriteArrayList<>();
  private static final Service SERVICE =
      Service.start(
          new ServiceConfig(
              "127.0.0.1", 0, Optional.empty(), Limits.standard(), Batching.standard(1), false),
          List.of(TestModels.defenseAlone()),
          FAILURES::add);
  private static final Client CLIENT = new Client(SERVICE);

  @AfterAll
  static void nothingFailedUnseen() {
    SERVICE.close();
    assertThat(FAILURES).isEmpty();
  }

  private static byte[] bmp(int height, int width) {
    byte[] none = new byte[0];
    Picture picture =
        new Picture(
            ImageFormat.BMP,
            TestModels.noise(height, width, 1),
            none,
            false,
            8,
            1,
            none,
            none,
            false);
    return new ImageEncoder(100).encode(picture, ImageFormat.BMP);
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    return head.toString();
  }

  /** The memory that is set aside while a client has taken only the head of its answer. */
  private static void holdsItsAnswer(String path, String type, byte[] body)
      throws IOException, InterruptedException {
    URI url = URI.create(SERVICE.url());
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(1 << 14);
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()));
      String request =
          "POST %s HTTP/1.1\nHost: localhost\nContent-Type: %s\nContent-Length: %d\n\n";
      Client.write(socket, request.formatted(path, type, body.length), body);
      InputStream in = socket.getInputStream();
      String head = head(in);
      assertThat(head).startsWith("HTTP/1.1 200 ");
      Matcher length = LENGTH.matcher(head);
      assertThat(length.find()).isTrue();
      int bytes = Integer.parseInt(length.group(1));
      assertThat(bytes).as("too much for buffers").isGreaterThan(BUFFERED);
      assertThat(CLIENT.gauge("realign_memory_bytes")).isEqualTo(bytes);
      in.skipNBytes(bytes);
    }
    CLIENT.await("realign_memory_bytes", 0);
  }

  @Test
  void anImageIsCountedUntilItIsTaken() throws Exception {
    byte[] body = bmp(1500, 2000);
    holdsItsAnswer("/v1/models/defense-alone/purify", "image/bmp", body);
  }

  @Test
  void theAnswerOfABatchIsCountedUntilItIsTaken() throws Exception {
    String file = Base64.getEncoder().encodeToString(bmp(1000, 1200));
    byte[] body =
        "{\"images\": [\"%s\", \"%s\"]}".formatted(file, file).getBytes(StandardCharsets.US_ASCII);
    holdsItsAnswer("/v1/models/defense-alone/batch/purify", "application/json", body);
  }
}
