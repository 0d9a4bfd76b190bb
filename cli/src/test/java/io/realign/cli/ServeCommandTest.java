package io.realign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.CompactGenerator;
import io.realign.align.DefenseFile;
import io.realign.align.Generator;
import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} as a process, with untrained nets. */
@Timeout(240)
final class ServeCommandTest {

  @TempDir private Path folder = Path.of("");

  private Path work = Path.of("");

  @BeforeEach
  void makeModels() throws IOException {
    work = Files.createDirectory(folder.resolve("work"));
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator.Config config = new CompactGenerator.Config(4, 1, 0, 0, .5, halves, halves);
    Generator generator = config.create(Seed.of(3), Compute.CPU);
    DefenseFile.write(
        folder.resolve("defense.safetensors"), config, generator.params().dict(), Map.of());
    Targets.trainable("cifar-resnet8", 10, Seed.of(1), Compute.CPU)
        .save(folder.resolve("target.safetensors"));
    Files.writeString(
        folder.resolve("models.yaml"),
        """
        models:
          small:
            target: cifar-resnet8@target.safetensors
            defense: defense.safetensors
            classes: [a, b, c, d, e, f, g, h, i, j]
          repair-only:
            defense: defense.safetensors
        """);
  }

  /** Starts it in a folder of its own, where it must leave nothing. */
  private Process start(String... args) throws IOException {
    List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
    all.addAll(Arrays.asList(args));
    return MainProcess.of("java.io.tmpdir=" + work, all)
        .directory(work.toFile())
        .redirectError(folder.resolve("stderr").toFile())
        .start();
  }

  private URI address(Process process) throws IOException {
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    assertThat(line)
        .as(Files.readString(folder.resolve("stderr")))
        .startsWith("listening on http://127.0.0.1:");
    return URI.create(line.substring(line.indexOf("http")));
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.walk(work)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static byte[] png(int side) {
    byte[] rgb = new byte[3 * side * side];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i * 31);
    }
    return Images.pngBytes(new Pixels(side, side, rgb));
  }

  private static HttpResponse<String> post(URI to, byte[] body) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(to).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
          HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void servesTheModelsOfAFileAndEndsWellOnSigterm() throws Exception {
    Process process = start("--models", folder.resolve("models.yaml").toString());
    try {
      URI address = address(process);
      HttpResponse<String> predicted = post(address.resolve("/v1/models/small/predict"), png(32));
      assertThat(predicted.statusCode()).as(predicted.body()).isEqualTo(200);
      assertThat(predicted.body()).containsPattern("\"name\":\"[a-j]\"");
      assertThat(post(address.resolve("/v1/models/repair-only/purify"), png(40)).statusCode())
          .isEqualTo(200);
      process.destroy();
      assertThat(process.waitFor()).isEqualTo(ExitCode.DONE);
      assertThat(left()).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void leavesNoFileWhenItIsKilledInTheMiddleOfARequest() throws Exception {
    Process process = start("--defense", folder.resolve("defense.safetensors").toString());
    try {
      URI address = address(process);
      byte[] image = png(1500);
      try (Socket socket = new Socket(address.getHost(), address.getPort())) {
        socket
            .getOutputStream()
            .write(
                "POST /v1/models/default/purify HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
                    .formatted(image.length)
                    .getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(image);
        try (HttpClient http = HttpClient.newHttpClient()) {
          HttpRequest metrics = HttpRequest.newBuilder(address.resolve("/metrics")).build();
          while (!http.send(metrics, HttpResponse.BodyHandlers.ofString())
              .body()
              .contains("realign_images 1.0")) {
            Thread.sleep(1);
          }
        }
        process.destroyForcibly();
        assertThat(process.waitFor()).isEqualTo(128 + 9);
      }
      assertThat(left()).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void servesATorchScriptTargetIfItIsTrusted() throws Exception {
    String yaml = ScriptNet.write(folder).toString();
    String defense = folder.resolve("defense.safetensors").toString();
    assertThat(refused("--target", yaml, "--defense", defense))
        .contains("net.yaml names a TorchScript file", "--trust-script lets net.pt run");

    Process process = start("--target", yaml, "--defense", defense, "--trust-script");
    try {
      URI address = address(process);
      for (String defended : List.of("true", "false")) {
        HttpResponse<String> predicted =
            post(address.resolve("/v1/models/default/predict?defended=" + defended), png(32));
        assertThat(predicted.statusCode()).as(predicted.body()).isEqualTo(200);
        assertThat(predicted.body()).containsPattern("\"name\":\"[a-g]\"");
      }
      process.destroy();
      assertThat(process.waitFor()).isEqualTo(ExitCode.DONE);
      assertThat(left()).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  private static String refused(String... args) {
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(List.of("serve", "--port", "0"));
    all.addAll(Arrays.asList(args));
    int code =
        Main.run(
            all.toArray(String[]::new), new PrintWriter(new StringWriter()), new PrintWriter(err));
    assertThat(code).as(err.toString()).isEqualTo(ExitCode.WRONG_INPUT);
    return err.toString();
  }

  @Test
  void saysInOneLineWhatCannotBeServed() throws IOException {
    String defense = folder.resolve("defense.safetensors").toString();
    assertThat(refused()).contains("serve what?");
    assertThat(refused("--defense", defense, "--models", "x.yaml")).contains("--models names all");
    assertThat(refused("--defense", defense, "--name", "A B")).contains("'A B' is no name");
    assertThat(refused("--defense", defense, "--batch", "0")).contains("1 to 1024 images, not 0");
    assertThat(refused("--defense", defense, "--max-connections", "0")).contains("connections");
    assertThat(refused("--defense", defense, "--max-batch", "300")).contains("1 to 256, not 300");
    assertThat(refused("--defense", defense, "--request-time", "0")).contains("positive");
    assertThat(refused("--defense", defense, "--answer-time", "-1")).contains("positive");
    assertThat(refused("--defense", defense, "--health-port", "70000")).contains("0 to 65535");
    assertThat(refused("--defense", defense, "--host", "no.such.host.invalid")).contains("no host");
    assertThat(refused("--models", folder.resolve("none.yaml").toString()))
        .contains("no such file");
    Path token = Files.writeString(folder.resolve("token"), "short\n");
    assertThat(refused("--defense", defense, "--token-file", token.toString()))
        .contains("16 or more");
    Path wrong = Files.writeString(folder.resolve("wrong.yaml"), "models:\n  a: {defence: x}\n");
    assertThat(refused("--models", wrong.toString())).contains("wrong.yaml", "defence");
    Path empty = Files.writeString(folder.resolve("empty.yaml"), "models: {}\n");
    assertThat(refused("--models", empty.toString())).contains("names no models");
  }
}
