package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.io.Images;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attacks that would take hours, and what goes on beside them. */
@Timeout(120)
final class AttackQueueTest {

  private static final String ATTACK = "/v1/models/classifier/attack";
  private static final String PREDICT = "/v1/models/classifier/predict";
  private static final int ENDLESS = 100_000_000;

  private final List<Throwable> failures = new CopyOnWriteArrayList<>();

  @AfterEach
  void nothingFailedUnseen() {
    assertThat(failures).isEmpty();
  }

  /** Takes three attacks of any length. */
  private Service start(int workers) {
    Limits usual = Limits.standard();
    Limits limits =
        new Limits(
            usual.bodyBytes(),
            usual.pixels(),
            usual.images(),
            usual.batchImages(),
            usual.connections(),
            usual.requestTime(),
            usual.answerTime(),
            ENDLESS,
            3);
    ServiceConfig config =
        new ServiceConfig(
            "127.0.0.1", 0, Optional.empty(), limits, Batching.standard(workers), true);
    return Service.start(config, List.of(TestModels.classifier()), failures::add);
  }

  private static byte[] image() {
    return Images.pngBytes(TestModels.noise(32, 32, 1));
  }

  private static String body(int steps) {
    return "{\"image\": \"%s\", \"steps\": %d, \"adaptive\": true}"
        .formatted(Base64.getEncoder().encodeToString(image()), steps);
  }

  /** Asks for an attack that takes hours. */
  private static Socket attack(Client client) throws IOException {
    byte[] body = body(ENDLESS).getBytes(StandardCharsets.US_ASCII);
    Socket socket = client.connect();
    String head =
        "POST %s HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: %d\n\n";
    Client.write(socket, head.formatted(ATTACK, body.length), body);
    return socket;
  }

  @Test
  void predictionsHaveAWorkerLeftAndFurtherAttacksAreRefused() throws Exception {
    try (Service service = start(2)) {
      Client client = new Client(service);
      try (Socket first = attack(client);
          Socket second = attack(client);
          Socket third = attack(client)) {
        client.await("realign_attacks", 3);
        assertThat(List.of(first, second, third)).allMatch(Socket::isConnected);
        Client.Reply refused = client.postJson(ATTACK, body(1));
        assertThat(refused.refusal(503)).isEqualTo("no room for more attacks now");
        assertThat(Integer.parseInt(refused.retryAfter().orElseThrow())).isBetween(1, 60);
        for (int i = 0; i < 5; i++) {
          assertThat(client.post(PREDICT, image()).status()).isEqualTo(200);
        }
        assertThat(client.gauge("realign_images")).isEqualTo(3);
      }
      client.await("realign_attacks", 0); // or they would run for hours
      client.await("realign_images", 0);
      client.await("realign_memory_bytes", 0);
      assertThat(client.postJson(ATTACK, body(1)).status()).isEqualTo(200);
    }
  }

  @Test
  void withOneWorkerPredictionsGoBetweenAttacks() throws Exception {
    try (Service service = start(1);
        ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
      Client client = new Client(service);
      try (Socket running = attack(client)) {
        client.await("realign_attacks", 1);
        try (Socket waiting = attack(client)) {
          client.await("realign_attacks", 2);
          Future<Client.Reply> predicted = crowd.submit(() -> client.post(PREDICT, image()));
          client.await("realign_images_waiting", 1);
          running.close();
          assertThat(predicted.get().status()).isEqualTo(200);
          assertThat(waiting.isConnected()).isTrue();
          client.await("realign_attacks", 1);
        }
      }
      client.await("realign_attacks", 0);
    }
  }

  @Test
  void aServiceThatClosesEndsItsAttacks() throws Exception {
    Service service = start(1);
    Client client = new Client(service);
    try (Socket socket = attack(client)) {
      client.await("realign_attacks", 1);
      long start = System.nanoTime();
      service.close();
      assertThat(socket.isConnected()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    }
  }
}
