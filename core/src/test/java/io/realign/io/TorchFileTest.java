package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files come from {@code src/test/resources/io/make_fixtures.py}. */
class TorchFileTest {

  private final Path folder;

  TorchFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"plain.pth", "protocol4.pth", "legacy.pth", "parallel.pth", "checkpoint.pth"})
  void readsTheStateDictionaryThatPythonSaved(String name) throws IOException {
    StateDict state = Weights.read(fixture(name));
    assertThat(state.names())
        .containsExactly(
            "0.weight",
            "0.bias",
            "1.weight",
            "1.bias",
            "1.running_mean",
            "1.running_var",
            "1.num_batches_tracked",
            "3.weight",
            "3.bias");
    assertThat(Ops.shape(state.get("0.weight"))).containsExactly(3, 2, 3, 3);
    float[] weight = Ops.toFloats(state.get("0.weight"));
    for (int i = 0; i < weight.length; i++) {
      assertThat(weight[i]).isEqualTo(i / 8f);
    }
    assertThat(Ops.toFloats(state.get("3.bias"))).containsExactly(5, 5.125f);
    assertThat(Ops.toFloats(state.get("1.running_var"))).containsExactly(1, 1, 1);
    assertThat(Ops.shape(state.get("1.num_batches_tracked"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kinds.pth", "kinds_legacy.pth"})
  void readsEveryTypeAndStride(String name) throws IOException {
    StateDict state = Weights.read(fixture(name));
    assertThat(Ops.toFloats(state.get("transposed")))
        .containsExactly(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
    assertThat(Ops.toFloats(state.get("tail"))).containsExactly(8, 9, 10, 11);
    assertThat(Ops.toFloats(state.get("every third"))).containsExactly(1, 4, 7, 10);
    assertThat(Ops.toFloats(state.get("parameter"))).containsExactly(0, 1);
    assertThat(Ops.toLongs(state.get("scalar"))).containsExactly(7);
    assertThat(Ops.shape(state.get("empty"))).containsExactly(0, 4);
    for (String type : "float64 float16 bfloat16 int64 int32 int16 int8 uint8".split(" ")) {
      assertThat(Ops.toLongs(state.get(type))).as(type).containsExactly(0, 1, 2);
    }
    assertThat(Ops.toLongs(state.get("bool"))).containsExactly(0, 1, 1);
  }

  @Test
  void readsParametersOfTorchBefore04() throws IOException {
    Tensor weight = Weights.read(fixture("torch_0_3.pth")).get("weight");
    assertThat(Ops.shape(weight)).containsExactly(2, 2);
    assertThat(Ops.toFloats(weight)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void tensorsOutliveTheFileAndBecomeSafetensors() throws IOException {
    StateDict state = Weights.read(fixture("kinds.pth"));
    Path file = folder.resolve("converted.safetensors");
    Safetensors.write(file, state, Map.of());
    StateDict read = Weights.read(file);
    state
        .entries()
        .forEach(e -> assertThat(torch.equal(e.getValue(), read.get(e.getKey()))).isTrue());
  }

  @Test
  void aFileThatCarriesCodeIsRefusedByNameAndNotRun() throws IOException {
    Path marker = Path.of("/tmp/realign-was-executed");
    assertThatThrownBy(() -> Weights.read(fixture("evil.pth")))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("evil.pth: carries code: global posix.system at byte 18; refused");
    assertThat(marker).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "torchscript.pt|a TorchScript program, not a state dictionary",
        "whole_model.pth|carries code: global torch.nn.modules.linear.Linear at byte",
        "plain_pickle.pkl|not a file that torch.save wrote",
        "make_fixtures.py|holds no weights: expected safetensors or a PyTorch state dictionary",
      })
  void saysWhatAFileIsInstead(String name, String expected) {
    assertThatThrownBy(() -> Weights.read(fixture(name)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(name + ": ")
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cos<0a>system<0a>(S'id'<0a>tR.|carries code: global os.system at byte 2; refused",
        "cbuiltins<0a>eval<0a>.|global builtins.eval",
        "ctorch<0a>load<0a>.|global torch.load",
        "I1<0a>.|opcode 0x49 at byte 2",
        "}q<00>h<01>.|recalls entry 1",
        "K<01>.|holds 1, not a state dictionary",
        "}.|holds no tensors",
        "}X<01><00><00><00>aK<01>s.|holds no tensors but [a]",
        "}X<ff><ff><ff><00>a.|ends early",
        "}]K<01>s.|neither text nor number",
        "0.|takes more values than it gives",
        "u.|closes a group",
        "K<01>K<01>b.|sets the state of 1",
        "ccollections<0a>OrderedDict<0a>(K<01>tR.|OrderedDict of other values",
        "K<01>)R.|calls 1, which is no function",
      })
  void aPickleOfAnythingElseIsRefused(String program, String expected) throws IOException {
    Path file = zip(pickle(program), new byte[4]);
    assertThatThrownBy(() -> Weights.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|0|1000000|1000000|does not fit in its storage",
        "1|1|1|1|does not fit in its storage",
        "1|0|2|0|does not fit in its storage", // one value, repeated
        "2|0|1|1|has 4 bytes, its 2 values of F32 need 8",
      })
  void aTensorBeyondItsStorageIsRefused(
      int count, int offset, int size, int stride, String expected) throws IOException {
    String storage =
        "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + "0X\3\0\0\0cpuK" + (char) count + "tQ";
    String tensor =
        "}X\1\0\0\0wctorch._utils\n_rebuild_tensor_v2\n("
            + storage
            + "K"
            + (char) offset
            + integer(size)
            + "\u0085"
            + integer(stride)
            + "\u0085\u0089}tRs.";
    byte[] bytes = ("\u0080\u0002" + tensor).getBytes(StandardCharsets.ISO_8859_1);
    Path file = zip(bytes, new byte[4]);
    assertThatThrownBy(() -> Weights.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void compressedPartsAreRefused() throws IOException {
    Path file = folder.resolve("deflated.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(new byte[1000]);
    }
    assertThatThrownBy(() -> Weights.read(file))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is compressed");
  }

  @Test
  void truncatedFilesAreRefused() throws IOException {
    for (String name : new String[] {"plain.pth", "legacy.pth"}) {
      byte[] sound = Files.readAllBytes(fixture(name));
      Path file = folder.resolve("short-" + name);
      for (int length = 0; length < sound.length; length += 37) {
        Files.write(file, Arrays.copyOf(sound, length));
        assertThatThrownBy(() -> Weights.read(file))
            .as(name + " of " + length + " bytes")
            .isInstanceOf(InputException.class);
      }
    }
  }

  @Test
  void damagedFilesGiveAnInputExceptionOrTensors() throws IOException {
    Random random = new Random(5);
    for (String name : new String[] {"kinds.pth", "kinds_legacy.pth", "protocol4.pth"}) {
      byte[] sound = Files.readAllBytes(fixture(name));
      Path file = folder.resolve("fuzz-" + name);
      int refused = 0;
      for (int i = 0; i < 300; i++) {
        byte[] bytes = sound.clone();
        for (int k = 0; k <= random.nextInt(6); k++) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        Files.write(file, bytes);
        try {
          Weights.read(file);
        } catch (InputException e) {
          refused++;
          assertThat(e.getMessage()).startsWith(file.toString()).doesNotContain("\n");
        }
      }
      assertThat(refused).as(name).isGreaterThan(60);
    }
  }

  private static String integer(int value) {
    return "J"
        + (char) (value & 0xff)
        + (char) (value >> 8 & 0xff)
        + (char) (value >> 16 & 0xff)
        + (char) (value >>> 24);
  }

  /** Protocol 2 and a program that writes other bytes as {@code <hex>}. */
  private static byte[] pickle(String program) {
    String bytes =
        Pattern.compile("<(..)>")
            .matcher(program)
            .replaceAll(
                m ->
                    Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(m.group(1), 16))));
    return ("\u0080\u0002" + bytes).getBytes(StandardCharsets.ISO_8859_1);
  }

  private Path zip(byte[] pickle, byte[] data) throws IOException {
    Path file = folder.resolve("made.pth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "archive/data.pkl", pickle);
      store(zip, "archive/data/0", data);
    }
    return file;
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
  }

  private Path fixture(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("/io/" + name), name)) {
      Files.write(file, in.readAllBytes());
    }
    return file;
  }
}
