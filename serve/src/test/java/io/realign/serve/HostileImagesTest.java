package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.realign.align.SmallGenerators;
import io.realign.io.ImageDecoder;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that cannot be repaired, or would take the machine with them: refused, over sockets. */
@Timeout(120)
final class HostileImagesTest {

  @RegisterExtension static final SmallService SERVICE = new SmallService();

  private static final Client CLIENT = SERVICE.client();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static byte[] fixture(String name) throws IOException {
    try (InputStream in = SmallGenerators.class.getResourceAsStream("/io/images/" + name)) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "truncated.png, 422, damaged",
    "truncated.jpg, 422, damaged",
    "empty_width.png, 422, width or height of 0",
    "animated.gif, 422, animation",
    "animated.png, 422, animation",
    "animated.webp, 422, animation",
    "pages.tif, 422, several pages"
  })
  void imagesThatCannotBeRepairedAreRefused(String name, int status, String why)
      throws IOException {
    assertThat(CLIENT.post(SmallService.PURIFY, fixture(name)).refusal(status)).contains(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rgb16.png", "grey16.png", "cmyk.jpg", "grey1.png", "palette.png", "rgba.webp"})
  void unusualImagesAreServed(String name) throws IOException {
    Client.Reply reply = CLIENT.post(SmallService.PURIFY, fixture(name));
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    ImageDecoder.Header was = ImageDecoder.headerOfAnySize(fixture(name), name);
    ImageDecoder.Header is = ImageDecoder.headerOfAnySize(reply.body(), name);
    assertThat(is.width()).isEqualTo(was.width());
    assertThat(is.height()).isEqualTo(was.height());
  }

  @Test
  void contentDecidesWhateverTheImageIsSaidToBe() throws IOException {
    Client.Reply jpeg =
        CLIENT.post(SmallService.PURIFY, fixture("rgb.jpg"), "Content-Type", "image/png");
    assertThat(jpeg.type()).isEqualTo("image/jpeg");
    byte[] text = "<html>".getBytes(StandardCharsets.US_ASCII);
    assertThat(CLIENT.post(SmallService.PURIFY, text, "Content-Type", "image/png").refusal(415))
        .contains("not an image");
  }

  /** A PNG of one colour, of any size, in some kB. */
  private static byte[] bomb(int width, int height, int type, int bits) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeInt(width);
    fields.writeInt(height);
    fields.write(new byte[] {(byte) Math.min(bits, 8), (byte) type, 0, 0, 0});
    chunk(out, "IHDR", header.toByteArray());
    ByteArrayOutputStream pixels = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflated =
        new DeflaterOutputStream(pixels, new Deflater(Deflater.BEST_SPEED))) {
      byte[] row = new byte[1 + (width * bits + 7) / 8];
      for (int y = 0; y < height; y++) {
        deflated.write(row);
      }
    }
    chunk(out, "IDAT", pixels.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String name, byte[] data) throws IOException {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(type);
    sum.update(data);
    out.writeInt(data.length);
    out.write(type);
    out.write(data);
    out.writeInt((int) sum.getValue());
  }

  @Test
  void bombsAreRefusedFromTheirHeader() throws IOException {
    byte[] bomb = bomb(20_000, 20_000, 0, 1); // grey, a bit a pixel
    assertThat(bomb.length).isLessThan(SmallService.BODY);
    long start = System.nanoTime();
    assertThat(CLIENT.post(SmallService.PURIFY, bomb).refusal(413))
        .isEqualTo("the body: an image of 20000×20000 pixels, more than the 1000000 allowed");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @CsvSource({"65536, 1", "1, 65536", "900000, 1"})
  void imagesWithALongSideAreRefusedFromTheirHeader(int width, int height) throws IOException {
    byte[] strip = bomb(width, height, 6, 32); // RGBA
    assertThat(CLIENT.post(SmallService.PURIFY, strip).refusal(413))
        .isEqualTo(
            "the body: an image of %d×%d pixels, more than the 65535 allowed of a side"
                .formatted(width, height));
  }

  /** Of a batch, each in its place. */
  @Test
  void everyEndpointThatTakesAnImageRefusesThem() throws IOException {
    Map<byte[], Integer> hostile = new LinkedHashMap<>();
    hostile.put(fixture("truncated.png"), 422);
    hostile.put(fixture("animated.gif"), 422);
    hostile.put(fixture("empty_width.png"), 422);
    hostile.put(bomb(20_000, 20_000, 0, 1), 413);
    hostile.put("<html>".getBytes(StandardCharsets.US_ASCII), 415);
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    Limits limits = new Limits(1 << 20, 1_000_000, 16, 4, 64, PATIENCE, PATIENCE, 5, 2);
    try (Service service =
        Service.start(
            new ServiceConfig("127.0.0.1", 0, Optional.empty(), limits, Batching.standard(1), true),
            List.of(TestModels.classifier(), TestModels.segmenter(), TestModels.detector()),
            failures::add)) {
      Client client = new Client(service);
      for (String model : List.of("classifier", "segmenter", "detector")) {
        String path = "/v1/models/" + model;
        for (Map.Entry<byte[], Integer> image : hostile.entrySet()) {
          int status = image.getValue();
          client.post(path + "/purify", image.getKey()).refusal(status);
          client.post(path + "/predict", image.getKey()).refusal(status);
          client.post(path + "/predict?defended=false", image.getKey()).refusal(status);
          String file = Base64.getEncoder().encodeToString(image.getKey());
          client.postJson(path + "/attack", "{\"image\": \"%s\"}".formatted(file)).refusal(status);
          String good = Base64.getEncoder().encodeToString(SmallService.image());
          String batch = "{\"images\": [\"%s\", \"%s\"]}".formatted(file, good);
          for (String kind : List.of("purify", "predict")) {
            JsonNode results =
                client.postJson(path + "/batch/" + kind, batch).json().required("results");
            assertThat(results.get(0).at("/problem/status").asInt()).isEqualTo(status);
            assertThat(results.get(1).has("problem")).isFalse();
          }
        }
      }
      assertThat(client.get("/metrics").text())
          .contains("realign_images 0.0", "realign_memory_bytes 0.0", "realign_attacks 0.0");
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void garbageBehindAnySignatureIsRefused() {
    List<String> signatures =
        List.of(
            "\u0089PNG\r\n\u001a\n", "\u00ff\u00d8\u00ff", "GIF89a", "II*\0", "BM", "RIFFxxxxWEBP");
    for (String signature : signatures) {
      byte[] file = Arrays.copyOf(signature.getBytes(StandardCharsets.ISO_8859_1), 300);
      for (int i = signature.length(); i < file.length; i++) {
        file[i] = (byte) (37 * i);
      }
      Client.Reply reply = CLIENT.post(SmallService.PURIFY, file);
      assertThat(reply.status()).as(signature).isIn(413, 415, 422);
      reply.refusal(reply.status());
    }
  }
}
