package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers send for pages of other sites, byte by byte. */
@Timeout(120)
final class CrossSiteTest {

  private static final String TOKEN = "a-secret-of-many-letters";

  @RegisterExtension static final SmallService SERVICE = new SmallService();

  private static final Client CLIENT = SERVICE.client();

  private static String get(Client client, String path, String host, String more)
      throws IOException {
    try (Socket socket = client.connect()) {
      String head = "GET %s HTTP/1.1\nHost: %s\nConnection: close\n%s\n";
      Client.write(socket, head.formatted(path, host, more), new byte[0]);
      return Client.readAll(socket);
    }
  }

  /** Posts an image; headers are told apart by a bar. */
  private static String post(Client client, String host, String headers) throws IOException {
    byte[] image = SmallService.image();
    String head = "POST %s HTTP/1.1\nHost: %s\nContent-Length: %d\nConnection: close\n%s\n";
    String more = headers.isEmpty() ? "" : headers.replace("|", "\n") + "\n";
    try (Socket socket = client.connect()) {
      Client.write(socket, head.formatted(SmallService.PURIFY, host, image.length, more), image);
      return Client.readAll(socket);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example:80",
        "10.0.0.1",
        "[::2]:8080"
      })
  void anotherNameForThisMachineIsRefused(String host) throws IOException {
    assertThat(get(CLIENT, "/v1/models", host, ""))
        .startsWith("HTTP/1.1 421 ")
        .contains("application/problem+json")
        .contains(
            "\"detail\":\"Host is '%s', not this machine: without a token it must be "
                    .formatted(host)
                + "localhost, 127.0.0.1, [::1] or 127.0.0.1\"");
    assertThat(post(CLIENT, host, "")).startsWith("HTTP/1.1 421 ");
    assertThat(get(CLIENT, "/metrics", host, "")).startsWith("HTTP/1.1 421 ");
    assertThat(get(CLIENT, "/health/live", host, "")).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8080", "127.8.7.6", "[::1]:9"})
  void thisMachineIsServed(String host) throws IOException {
    assertThat(get(CLIENT, "/v1/models", host, "")).startsWith("HTTP/1.1 200 ");
    assertThat(post(CLIENT, host, "")).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site: cross-site, 403",
    "Sec-Fetch-Site: same-site, 403",
    "Sec-Fetch-Site: cross-site|Origin: http://localhost:80, 403",
    "Origin: http://evil.example, 403",
    "Origin: http://localhost:3000, 403",
    "Origin: null, 403",
    "Origin: http://localhost:80, 200",
    "Sec-Fetch-Site: same-origin|Origin: http://localhost:80, 200",
    "Sec-Fetch-Site: none, 200",
    "X-Nothing: 1, 200"
  })
  void onlyPagesOfTheServiceMayPost(String headers, int status) throws IOException {
    String answer = post(CLIENT, "localhost:80", headers);
    assertThat(answer).startsWith("HTTP/1.1 %d ".formatted(status));
    if (status == 403) {
      assertThat(answer)
          .contains("\"detail\":\"a page of another site may not post to this service\"");
    }
    assertThat(get(CLIENT, "/v1/models", "localhost:80", headers.replace("|", "\n") + "\n"))
        .as("what is only read, another site cannot see anyway")
        .startsWith("HTTP/1.1 200 ");
  }

  private static Service start(String host, Optional<String> token, List<Throwable> failures) {
    return Service.start(
        new ServiceConfig(host, 0, token, Limits.standard(), Batching.standard(1), false),
        List.of(TestModels.defenseAlone()),
        failures::add);
  }

  /** A proxy in front may keep the name that it was asked by; a page of another site may not. */
  @Test
  void withATokenAnyNameIsServed() throws IOException {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    try (Service service = start("127.0.0.1", Optional.of(TOKEN), failures)) {
      Client client = new Client(service);
      String token = "Authorization: Bearer " + TOKEN;
      assertThat(get(client, "/v1/models", "realign.example", token + "\n"))
          .startsWith("HTTP/1.1 200 ");
      assertThat(post(client, "realign.example", token)).startsWith("HTTP/1.1 200 ");
      assertThat(post(client, "realign.example", token + "|Origin: https://realign.example"))
          .startsWith("HTTP/1.1 200 ");
      assertThat(post(client, "realign.example", token + "|Origin: https://evil.example"))
          .startsWith("HTTP/1.1 403 ");
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void whereOthersReachItAnyNameIsServed() throws IOException {
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    try (Service service = start("0.0.0.0", Optional.empty(), failures)) {
      int port = URI.create(service.url()).getPort();
      try (Socket socket = new Socket("127.0.0.1", port)) {
        String head = "GET /v1/models HTTP/1.1\nHost: box.example\nConnection: close\n\n";
        socket
            .getOutputStream()
            .write(head.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        assertThat(Client.readAll(socket)).startsWith("HTTP/1.1 200 ");
      }
    }
    assertThat(failures).isEmpty();
  }
}
