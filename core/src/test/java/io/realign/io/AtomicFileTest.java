package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  private final Path folder;

  AtomicFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void replacesAFileAndMakesFolders() throws IOException {
    Path file = folder.resolve("a/b/c.txt");
    AtomicFile.writeString(file, "one");
    AtomicFile.writeString(file, "zwei ü");
    assertThat(file).hasContent("zwei ü");
    assertThat(names(folder.resolve("a/b"))).containsExactly("c.txt");
  }

  @Test
  void createsNothingThatIsThereAlready() throws IOException {
    Path file = folder.resolve("new");
    AtomicFile.createBytes(file, new byte[] {'a'});
    assertThatThrownBy(() -> AtomicFile.createBytes(file, new byte[] {'b'}))
        .isInstanceOf(InputException.class)
        .hasMessage(file + " is there already");
    assertThat(file).hasContent("a");
    assertThat(names(folder)).containsExactly("new");
  }

  @Test
  void clearsAwayWhatKilledProcessesLeftOfTheNamedFilesAlone() throws IOException {
    long gone = Long.MAX_VALUE; // no process has this number
    long here = ProcessHandle.current().pid();
    for (String name :
        new String[] {
          ".a.png.%d-1.tmp".formatted(gone), // to go
          ".b.png.%d-1.tmp".formatted(gone),
          ".a.png.%d-1.tmp".formatted(here),
          ".a.png.tmp"
        }) {
      Files.createFile(folder.resolve(name));
    }
    AtomicFile.removeLeftovers(folder, Set.of("a.png"));
    assertThat(names(folder))
        .containsExactlyInAnyOrder(
            ".b.png.%d-1.tmp".formatted(gone), ".a.png.%d-1.tmp".formatted(here), ".a.png.tmp");
  }

  @Test
  void aFullDiskKeepsThePreviousFileAndSaysSo() throws IOException {
    Path file = folder.resolve("checkpoint");
    AtomicFile.writeString(file, "before");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("no space left while writing " + file + "; the previous file is kept");
    assertThat(file).hasContent("before");
    assertThat(names(folder)).containsExactly("checkpoint");
  }

  @Test
  void anyFailureLeavesNothingBehind() throws IOException {
    Path file = folder.resolve("new");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(1);
                      throw new IllegalStateException("a bug");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void refusesToReplaceAFolder() throws IOException {
    assertThatThrownBy(() -> AtomicFile.writeString(folder, "x"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("is a folder");
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> AtomicFile.writeString(file.resolve("below"), "x"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("cannot write " + file.resolve("below"));
  }

  @Test
  void checksumsAreThoseOfTheStandard() {
    Path file = folder.resolve("abc");
    AtomicFile.writeString(file, "abc");
    assertThat(Checksum.sha256(file))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(Checksum.md5("900150983cd24fb0d6963f7d28e17f72").matches(file)).isTrue();
    assertThat(Checksum.sha256("ba7816bf").matches(file)).isTrue();
    assertThat(Checksum.sha256("ba7816b0").matches(file)).isFalse();
  }

  private static Stream<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).toList().stream();
    }
  }
}
