package io.realign.serve;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.api.SilentCloseable;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.realign.align.CompactGenerator;
import io.realign.align.GeneratorPurifier;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;

/** Whole requests, as they come over a socket to a service with a playground. */
final class RequestFuzzTest {

  private static final Duration PATIENCE = Duration.ofSeconds(2); // of the service, a request
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
  private static final int BODY = 1 << 16;
  private static final int PIXELS = 1 << 12;

  private static final List<Throwable> FAILURES = new CopyOnWriteArrayList<>();
  private static final Service SERVICE =
      Service.start(
          new ServiceConfig(
              "127.0.0.1",
              0,
              Optional.empty(),
              new Limits(BODY, PIXELS, 16, 4, 64, PATIENCE, PATIENCE, 5, 2),
              Batching.standard(1),
              true),
          List.of(model()),
          FAILURES::add);

  private static ServedModel model() {
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator.Config config = new CompactGenerator.Config(4, 1, 0, 0, .5, halves, halves);
    return new ServedModel(
        "m",
        Optional.of(Targets.trainable("cifar-resnet8", 10, Seed.of(4), Compute.CPU).freeze()),
        Optional.of(new GeneratorPurifier("defense", config.create(Seed.of(3), Compute.CPU))),
        List.of(),
        List.of(),
        Compute.CPU);
  }

  @AfterAll
  static void close() {
    SERVICE.close();
  }

  @FuzzTest
  void answersOrCloses(byte[] request) throws IOException {
    try (SilentCloseable meant = BugDetectors.allowNetworkConnections((host, port) -> true)) {
      String answer = answer(request);
      Matcher status = STATUS.matcher(answer);
      if (!answer.isEmpty() && !status.lookingAt()) {
        throw new AssertionError("no answer of HTTP: " + answer);
      }
      if (answer.startsWith("HTTP/1.1 500")) {
        throw new AssertionError("taken for an error of ours: " + answer);
      }
      if (!FAILURES.isEmpty()) {
        throw new AssertionError("failed inside", FAILURES.removeFirst());
      }
    }
  }

  private static String answer(byte[] request) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(SERVICE.url()).getPort())) {
      socket.setSoTimeout((int) PATIENCE.multipliedBy(5).toMillis());
      try {
        socket.getOutputStream().write(request);
        socket.shutdownOutput();
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      } catch (SocketTimeoutException e) {
        throw new AssertionError("neither answered nor closed", e);
      } catch (SocketException e) {
        return ""; // closed while we wrote
      }
    }
  }
}
