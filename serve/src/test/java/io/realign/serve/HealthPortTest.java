package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Health and metrics on a port of their own. */
@Timeout(120)
final class HealthPortTest {

  private static final int CONNECTIONS = 4;
  private static final Duration SLOW = Duration.ofSeconds(20);

  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  private Service start(int healthPort) {
    return Service.start(
        new ServiceConfig(
            "127.0.0.1",
            0,
            Optional.of("0123456789abcdef"),
            new Limits(1 << 20, 1_000_000, 16, 4, CONNECTIONS, SLOW, SLOW, 5, 2),
            Batching.standard(1),
            false,
            OptionalInt.of(healthPort)),
        List.of(TestModels.defenseAlone()),
        failures::add);
  }

  private static String get(String url, String path, String... headers) throws IOException {
    URI base = URI.create(url);
    try (Socket socket = new Socket(base.getHost(), base.getPort())) {
      socket.setSoTimeout((int) SLOW.toMillis() / 2);
      String lines = String.join("", List.of(headers).stream().map(each -> each + "\r\n").toList());
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
      socket
          .getOutputStream()
          .write((request + lines + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void answersWhileTheFirstPortHasNoConnectionLeft() throws IOException {
    try (Service service = start(0)) {
      String health = service.healthUrl().orElseThrow();
      URI full = URI.create(service.url());
      List<Socket> holders = new ArrayList<>();
      try {
        for (int i = 0; i < CONNECTIONS; i++) {
          Socket socket = new Socket(full.getHost(), full.getPort());
          holders.add(socket);
          socket.getOutputStream().write("GET /health/live HTTP/1.1\r\n".getBytes("US-ASCII"));
        }
        for (int i = 0; i < 3; i++) {
          assertThat(get(health, "/health/live")).startsWith("HTTP/1.1 200 ");
          assertThat(get(health, "/health/ready")).startsWith("HTTP/1.1 200 ");
        }
        assertThat(get(health, "/metrics")).startsWith("HTTP/1.1 401 ");
        assertThat(get(health, "/metrics", "Authorization: Bearer 0123456789abcdef"))
            .startsWith("HTTP/1.1 200 ")
            .contains("realign_images 0.0");
      } finally {
        for (Socket holder : holders) {
          holder.close();
        }
      }
      assertThat(get(health, "/v1/models", "Authorization: Bearer 0123456789abcdef"))
          .as("no models there")
          .startsWith("HTTP/1.1 404 ");
      service.drain(Duration.ofSeconds(5));
      assertThat(get(health, "/health/ready")).startsWith("HTTP/1.1 503 ");
      assertThat(get(health, "/health/live")).startsWith("HTTP/1.1 200 ");
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void isNotTheFirstOneAndNotTaken() {
    try (Service service = start(0)) {
      int taken = URI.create(service.healthUrl().orElseThrow()).getPort();
      assertThatThrownBy(() -> start(taken))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("port 0 or " + taken);
      assertThatThrownBy(
              () ->
                  new ServiceConfig(
                      "127.0.0.1",
                      taken,
                      Optional.empty(),
                      Limits.standard(),
                      Batching.standard(1),
                      false,
                      OptionalInt.of(taken)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("a port of its own");
    }
  }
}
