package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A defense behind a service of small limits. When the tests of a class are through, nothing may
 * have failed inside, and nothing may be held.
 */
final class SmallService implements AfterAllCallback {

  static final String PURIFY = "/v1/models/defense-alone/purify";
  static final int BODY = 1 << 20;
  static final int PIXELS = 1_000_000;
  static final Duration SLOW = Duration.ofMillis(600);

  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final Service service;
  private final Client client;

  /** One that is impatient. */
  SmallService() {
    this(SLOW);
  }

  /** One that waits so long for a request, and for an answer to be taken. */
  SmallService(Duration slow) {
    service =
        Service.start(
            new ServiceConfig(
                "127.0.0.1",
                0,
                Optional.empty(),
                new Limits(BODY, PIXELS, 16, 4, 64, slow, slow, 5, 2),
                Batching.standard(1),
                false),
            List.of(TestModels.defenseAlone()),
            failures::add);
    client = new Client(service);
  }

  Client client() {
    return client;
  }

  /** An image that it repairs. */
  static byte[] image() {
    return Images.pngBytes(TestModels.noise(32, 32, 1));
  }

  /** The head of a request with a body of that many bytes. */
  static String head(String method, String path, int length) {
    return "%s %s HTTP/1.1\nHost: localhost\nContent-Length: %d\n\n"
        .formatted(method, path, length);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    String metrics = client.get("/metrics").text();
    assertThat(metrics).contains("realign_images 0.0", "realign_memory_bytes 0.0");
    service.close();
    assertThat(failures).isEmpty();
  }
}
