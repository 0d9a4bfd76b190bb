package io.realign.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {

  // In a fixed order: that of Map.of() is another in every run.
  private static final Map<String, String> FILES =
      new TreeMap<>(Map.of("a/b.txt", "one", "c.txt", "two"));

  private final Path folder;
  private final Path inside;

  ArchiveTest(@TempDir Path folder) {
    this.folder = folder;
    this.inside = folder.resolve("inside");
  }

  @Test
  void unpacksBothKindsWhateverTheirNames() throws IOException {
    for (byte[] archive : new byte[][] {zip(FILES), tarGz(FILES)}) {
      Path to = folder.resolve("to" + archive.length);
      Archive.standard().unpack(write(archive), to, Progress.NONE);
      assertThat(to.resolve("a/b.txt")).hasContent("one");
      assertThat(to.resolve("c.txt")).hasContent("two");
    }
  }

  @Test
  void nothingIsWrittenOutsideTheFolder() throws IOException {
    for (String name : new String[] {"../evil.txt", "a/../../evil.txt", "/tmp/../evil.txt"}) {
      for (byte[] archive : new byte[][] {zip(Map.of(name, "x")), tarGz(Map.of(name, "x"))}) {
        Path file = write(archive);
        if (name.startsWith("/") && archive[0] == 0x1f) {
          continue; // the tar writer itself makes the path relative
        }
        assertThatThrownBy(() -> Archive.standard().unpack(file, inside, Progress.NONE))
            .isInstanceOf(InputException.class)
            .hasMessageContaining("would be written outside the folder");
      }
    }
    assertThat(folder.resolve("evil.txt")).doesNotExist();
  }

  @Test
  void linksAreRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      TarArchiveEntry link = new TarArchiveEntry("link", TarConstants.LF_SYMLINK);
      link.setLinkName("/etc");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
    }
    Path file = write(bytes.toByteArray());
    assertThatThrownBy(() -> Archive.standard().unpack(file, inside, Progress.NONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'link' is neither file nor folder");
  }

  @Test
  void oneNameIsNotAFileAndAFolder() throws IOException {
    for (String[] names : new String[][] {{"a", "a/b"}, {"a/", "a"}, {"a/b", "a"}, {"a", "a/"}}) {
      Map<String, String> files = new LinkedHashMap<>();
      for (String name : names) {
        files.put(name, name.endsWith("/") ? "" : "x");
      }
      Path to = Files.createTempDirectory(folder, "to");
      for (byte[] archive : new byte[][] {zip(files), tarGz(files)}) {
        Path file = write(archive);
        assertThatThrownBy(() -> Archive.standard().unpack(file, to, Progress.NONE))
            .isInstanceOf(InputException.class)
            .hasMessageContaining("would be a file and a folder at once");
      }
    }
  }

  @Test
  void sizesAreBounded() throws IOException {
    Path file = write(zip(Map.of("bomb", "0".repeat(100_000))));
    assertThatThrownBy(() -> new Archive(99_999, 10).unpack(file, inside, Progress.NONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("more than 99999 bytes");
    Path many = write(zip(FILES));
    assertThatThrownBy(() -> new Archive(1000, 1).unpack(many, inside, Progress.NONE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("more than 1 files");
  }

  @Test
  void damagedArchivesGiveAnInputExceptionOrFiles() throws IOException {
    Random random = new Random(2);
    for (byte[] sound : new byte[][] {zip(FILES), tarGz(FILES)}) {
      for (int i = 0; i < 150; i++) {
        byte[] bytes =
            Arrays.copyOf(sound, i % 3 == 0 ? random.nextInt(sound.length) : sound.length);
        if (bytes.length > 2) {
          bytes[2 + random.nextInt(bytes.length - 2)] = (byte) random.nextInt(256);
        }
        Path file = write(bytes);
        try {
          Archive.standard().unpack(file, folder.resolve("fuzz" + i), Progress.NONE);
        } catch (InputException e) {
          assertThat(e.getMessage()).startsWith(file.toString());
        }
      }
    }
  }

  @Test
  void entriesAreReadWithoutUnpacking() throws IOException {
    for (byte[] archive : new byte[][] {zip(FILES), tarGz(FILES)}) {
      Path file = write(archive);
      assertThat(ArchiveEntries.isArchive(file)).isTrue();
      Map<String, String> read = new TreeMap<>();
      try (ArchiveEntries entries = Archive.standard().open(file)) {
        while (entries.next()) {
          assertThat(entries.isFile()).isTrue();
          String start = new String(entries.readNBytes(2), StandardCharsets.UTF_8);
          read.put(entries.path().toString(), start + entries.skipRest());
        }
      }
      assertThat(read)
          .isEqualTo(
              new TreeMap<>(Map.of(Path.of("a", "b.txt").toString(), "on1", "c.txt", "tw1")));
    }
    Path text = Files.writeString(folder.resolve("text"), "no archive");
    assertThat(ArchiveEntries.isArchive(text)).isFalse();
    assertThatThrownBy(() -> Archive.standard().open(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("neither a .zip nor a .tar or .tar.gz archive");
  }

  @Test
  void entriesAreBoundedAndLeadNowhereElse() throws IOException {
    Path bomb = write(zip(Map.of("bomb", "0".repeat(100_000))));
    try (ArchiveEntries entries = new Archive(99_999, 10).open(bomb)) {
      assertThat(entries.next()).isTrue();
      assertThatThrownBy(entries::skipRest)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("more than 99999 bytes");
    }
    Path evil = write(zip(Map.of("../evil.png", "x")));
    try (ArchiveEntries entries = Archive.standard().open(evil)) {
      assertThatThrownBy(entries::next)
          .isInstanceOf(InputException.class)
          .hasMessageContaining("would be written outside the folder");
    }
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("archive"), bytes);
  }

  private static byte[] zip(Map<String, String> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toByteArray();
  }

  static byte[] tarGz(Map<String, String> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }
}
