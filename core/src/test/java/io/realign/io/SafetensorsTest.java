package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

  private final Path folder;

  SafetensorsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void comesBackAsItWasWritten() {
    StateDict written = sample();
    Path file = folder.resolve("w.safetensors");
    Safetensors.write(file, written, Map.of("note", "ε = 8/255 \"quoted\"", "arch", "x"));
    Safetensors.Contents read = Safetensors.readContents(file);
    assertThat(read.metadata())
        .containsExactly(Map.entry("arch", "x"), Map.entry("note", "ε = 8/255 \"quoted\""));
    assertSame(read.tensors(), written);
    assertThat(Safetensors.readMetadata(file)).isEqualTo(read.metadata());
  }

  @Test
  void writesTheSameBytesWhateverTheOrderOfTheMetadata() throws IOException {
    Path first = folder.resolve("a");
    Path second = folder.resolve("b");
    Map<String, String> forth = new LinkedHashMap<>();
    forth.put("a", "1");
    forth.put("b", "2");
    Map<String, String> back = new LinkedHashMap<>();
    back.put("b", "2");
    back.put("a", "1");
    Safetensors.write(first, sample(), forth);
    Safetensors.write(second, sample(), back);
    assertThat(first).hasSameBinaryContentAs(second);
    long header =
        ByteBuffer.wrap(Files.readAllBytes(first)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat(header % 8).isZero();
  }

  @Test
  void writesStridedTensorsRowByRow() {
    Tensor transposed = Ops.floats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t();
    StateDict state = new StateDict();
    state.put("t", transposed);
    Path file = folder.resolve("t");
    Safetensors.write(file, state, Map.of());
    assertThat(Ops.toFloats(Safetensors.read(file).get("t"))).containsExactly(1, 4, 2, 5, 3, 6);
  }

  /** The bytes that the Python package safetensors 0.8.0 writes for {a: F32 [2], b: U8 [3]}. */
  @Test
  void readsWhatPythonWrites() throws IOException {
    Path file = folder.resolve("python");
    Files.write(file, HexFormat.of().parseHex(PYTHON));
    Safetensors.Contents read = Safetensors.readContents(file);
    assertThat(read.metadata()).containsExactly(Map.entry("k", "v"));
    assertThat(Ops.toFloats(read.tensors().get("a"))).containsExactly(1.5f, -2f);
    assertThat(Ops.toLongs(read.tensors().get("b"))).containsExactly(1, 2, 255);
  }

  @Test
  void makesFp32OfEveryFloat() {
    StateDict floats = Safetensors.floats(sample());
    assertThat(floats.get("F16").scalar_type().intern()).isEqualTo(ScalarType.Float);
    assertThat(floats.get("I64").scalar_type().intern()).isEqualTo(ScalarType.Long);
    assertThat(Ops.toFloats(floats.get("BF16"))).isEqualTo(Ops.toFloats(sample().get("BF16")));
  }

  @Test
  void anyNonZeroByteIsTrue() {
    Path file = file("{\"b\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[0,3]}}", 0, 2, 1);
    assertThat(Ops.toLongs(Safetensors.read(file).get("b"))).containsExactly(0, 1, 1);
  }

  @Test
  void aMissingFileAndAFolderAreNamed() {
    assertThatThrownBy(() -> Safetensors.read(folder.resolve("none")))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("none: no such file");
    assertThatThrownBy(() -> Safetensors.read(folder))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is a folder");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{`a|not valid JSON",
        "[]|not a JSON object",
        "{\"a\":1}|'a' is not a JSON object",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} x|not valid JSON",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}{}|text follows",
        "{\"a\":{\"dtype\":\"F99\",\"shape\":[1],\"data_offsets\":[0,4]}}|unknown dtype 'F99'",
        "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}|'a' has no shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}|no data_offsets",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|no size: -1",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}|no size: 1.5",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}|no size",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|needs 8 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}}|needs 4 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,9],\"data_offsets\":[0,4]}}|overflows",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,4611686018427387904,4],\"data_offsets\":[0,0]}}|overflows",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}|truncated",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}|4 bytes of data",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}|leave a hole",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]}}|overlap",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}|Duplicate field 'a'",
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4],\"code\":1}}|unknown field 'code'",
        "{\"__metadata__\":{\"a\":1},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}|metadata 'a'",
      })
  void aHeaderThatLiesIsRefusedInOneLine(String header, String expected) {
    Path file = file(header, 0, 0, 0, 0);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file + ": not a sound safetensors file: ")
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void aLengthTheFileCannotBackAllocatesNothing() throws IOException {
    Path file = folder.resolve("long");
    for (long length : new long[] {-1, Long.MAX_VALUE, 100_000_001, 90_000_000, 2}) {
      Files.write(
          file, ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
      assertThatThrownBy(() -> Safetensors.read(file))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("header claims");
    }
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("too short");
  }

  @Test
  void damagedFilesGiveAnInputExceptionOrTensors() throws IOException {
    Path file = folder.resolve("fuzz");
    Safetensors.write(file, sample(), Map.of("k", "v"));
    byte[] sound = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getLong();
    Random random = new Random(3);
    int refused = 0;
    for (int i = 0; i < 1000; i++) {
      byte[] bytes = sound.clone();
      for (int k = 0; k <= random.nextInt(4); k++) {
        bytes[random.nextInt(8 + header)] = (byte) random.nextInt(random.nextBoolean() ? 256 : 128);
      }
      if (random.nextInt(10) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      }
      Files.write(file, bytes);
      try {
        Safetensors.read(file);
      } catch (InputException e) {
        refused++;
        assertThat(e.getMessage()).startsWith(file.toString());
      }
    }
    assertThat(refused).isGreaterThan(700);
  }

  @Tag("real")
  @Test
  void readsEveryGivenNet() throws IOException {
    String data = System.getProperty("real.data");
    assertThat(data).as("set -Dreal.data=DIR").isNotNull();
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(Path.of(data, "weights"))) {
      all.filter(f -> f.toString().endsWith(".safetensors")).forEach(files::add);
    }
    assertThat(files).hasSize(8);
    for (Path file : files) {
      Safetensors.Contents contents = Safetensors.readContents(file);
      assertThat(contents.metadata()).containsKeys("source", "licence");
      for (Map.Entry<String, Tensor> e : Safetensors.floats(contents.tensors()).entries()) {
        assertThat(torch.isfinite(e.getValue()).all().item_bool())
            .as(file.getFileName() + " " + e.getKey())
            .isTrue();
      }
    }
  }

  private static StateDict sample() {
    StateDict state = new StateDict();
    Tensor values = Ops.floats(new float[] {0, 1, 1, 0, 2, 3}, 2, 3);
    for (DType type : DType.values()) {
      state.put(type.name(), values.to(type.scalar));
    }
    state.put("a scalar", Ops.floats(new float[] {7}));
    state.put("nothing", Ops.floats(new float[0], 0, 4));
    return state;
  }

  private static void assertSame(StateDict read, StateDict written) {
    assertThat(read.names()).containsExactlyElementsOf(written.names());
    written
        .entries()
        .forEach(
            e -> {
              Tensor tensor = read.get(e.getKey());
              assertThat(tensor.scalar_type().intern())
                  .isEqualTo(e.getValue().scalar_type().intern());
              assertThat(torch.equal(tensor, e.getValue())).as(e.getKey()).isTrue();
            });
  }

  private Path file(String header, int... data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (int b : data) {
      bytes.put((byte) b);
    }
    Path file = folder.resolve("hostile.safetensors");
    AtomicFile.writeBytes(file, bytes.array());
    return file;
  }

  private static final String PYTHON =
      "88000000000000007b225f5f6d657461646174615f5f223a7b226b223a2276227d2c2261223a7b226474"
          + "797065223a22463332222c227368617065223a5b325d2c22646174615f6f666673657473223a5b302c38"
          + "5d7d2c2262223a7b226474797065223a225538222c227368617065223a5b335d2c22646174615f6f6666"
          + "73657473223a5b382c31315d7d7d202020200000c03f000000c00102ff";
}
