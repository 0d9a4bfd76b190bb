package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Those who are slow, silent, or gone before the answer. */
@Timeout(120)
final class HostileConnectionTest {

  @RegisterExtension static final SmallService SERVICE = new SmallService();

  private static final Client CLIENT = SERVICE.client();

  @Test
  void slowBodiesAreToldSoAndCutOff() throws IOException, InterruptedException {
    try (Socket socket = CLIENT.connect()) {
      long start = System.nanoTime();
      Client.write(socket, SmallService.head("POST", SmallService.PURIFY, 1000), new byte[0]);
      for (int i = 0; i < 4; i++) { // it does come on, but never ends
        Client.write(socket, "", new byte[1]);
        Thread.sleep(50);
      }
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 408 ").contains("within 600 ms");
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(SmallService.SLOW.minusMillis(50), SmallService.SLOW.plusSeconds(5));
    }
  }

  @Test
  void slowHeadersAreToldSoAndCutOff() throws IOException, InterruptedException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, "GET /health/live HTTP/1.1\nHost: localhost\n", new byte[0]);
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 408 ");
    }
    String counted = "realign_requests_total{method=\"GET\",route=\"none\",status=\"408\"}";
    while (!CLIENT.get("/metrics").text().contains(counted)) {
      Thread.sleep(10);
    }
  }

  @Test
  void thoseWhoReadNothingDoNotStopTheDeadlinesOfOthers() throws IOException {
    byte[] requests =
        "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"
            .repeat(2000)
            .getBytes(StandardCharsets.US_ASCII);
    List<Socket> deaf = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        Socket socket = CLIENT.connect();
        deaf.add(socket);
        Client.write(socket, "", requests);
      }
      try (Socket slow = CLIENT.connect()) {
        long start = System.nanoTime();
        Client.write(slow, SmallService.head("POST", SmallService.PURIFY, 1000), new byte[1]);
        assertThat(Client.readAll(slow)).startsWith("HTTP/1.1 408 ");
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isLessThan(SmallService.SLOW.plusSeconds(5));
      }
    } finally {
      for (Socket socket : deaf) {
        socket.close();
      }
    }
  }

  @Test
  void connectionsThatSayNothingAreCutOff() throws IOException {
    try (Socket silent = CLIENT.connect();
        Socket hesitant = CLIENT.connect()) {
      Client.write(hesitant, "GET /hea", new byte[0]);
      assertThat(Client.readAll(silent)).isEmpty();
      assertThat(Client.readAll(hesitant)).isEmpty();
    }
  }

  @Test
  void halfClosedConnectionsAreServed() throws IOException {
    byte[] image = SmallService.image();
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, SmallService.head("POST", SmallService.PURIFY, image.length), image);
      socket.shutdownOutput();
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 200 ").contains("image/png");
    }
  }

  @Test
  void bodiesThatEndEarlyAreRefused() throws IOException {
    try (Socket socket = CLIENT.connect()) {
      Client.write(
          socket,
          SmallService.head("POST", SmallService.PURIFY, SmallService.image().length + 1),
          SmallService.image());
      socket.shutdownOutput();
      assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 400 ").contains("body ended");
    }
  }

  @Test
  void thoseWhoLeaveEarlyHoldNothing() throws IOException, InterruptedException {
    byte[] image = Images.pngBytes(TestModels.noise(500, 500, 1));
    for (int i = 0; i < 8; i++) {
      try (Socket socket = CLIENT.connect()) {
        Client.write(socket, SmallService.head("POST", SmallService.PURIFY, image.length), image);
      }
    }
    while (!CLIENT.get("/metrics").text().contains("realign_images 0.0")) {
      Thread.sleep(10);
    }
    assertThat(CLIENT.post(SmallService.PURIFY, SmallService.image()).status()).isEqualTo(200);
  }

  @Test
  void aRefusedBodyIsNotTakenForTheNextRequest() throws IOException {
    byte[] smuggled =
        "GET /health/live HTTP/1.1\nHost: localhost\n\n".getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = CLIENT.connect()) {
      Client.write(socket, SmallService.head("POST", "/nowhere", smuggled.length), smuggled);
      String answer = Client.readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 404 ").doesNotContain("HTTP/1.1 200");
    }
  }
}
