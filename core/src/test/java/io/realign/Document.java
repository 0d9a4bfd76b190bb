package io.realign;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/**
 * A document of this repository, whose programs run.
 *
 * @param text all of it
 */
public record Document(String text) {

  /** A document by its path from the root of the repository. */
  public static Document of(String path) {
    try {
      return new Document(Files.readString(Path.of("..").resolve(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A piece of a program in a document. */
  public record Block(String text) {

    private static final String LIBRARIES = System.getProperty("java.class.path");

    /** Compiles a whole class of Java into {@code folder}, with the libraries of the tests. */
    public void compile(String name, Path folder) throws IOException {
      Path source = Files.writeString(folder.resolve(name + ".java"), text);
      int compiled =
          ToolProvider.getSystemJavaCompiler()
              .run(
                  null,
                  null,
                  null,
                  "-proc:none",
                  "-d",
                  folder.toString(),
                  "-cp",
                  LIBRARIES,
                  source.toString());
      assertThat(compiled).isZero();
    }

    /** Compiles a whole program of Java, runs it in {@code folder} and returns what it prints. */
    public String run(String mainClass, Path folder) throws Exception {
      compile(mainClass, folder);
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      String classes = folder + System.getProperty("path.separator") + LIBRARIES;
      return Document.run(
          List.of(java, "--enable-native-access=ALL-UNNAMED", "-cp", classes, mainClass), folder);
    }
  }

  /** The first block of that language. */
  public Block block(String language) {
    return block(language, "");
  }

  /** The first block of that language in which {@code words} stand. */
  public Block block(String language, String words) {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .filter(block -> block.contains(words))
        .findFirst()
        .map(Block::new)
        .orElseThrow(() -> new AssertionError("no %s with '%s'".formatted(language, words)));
  }

  /** Runs a command in {@code folder}, which must succeed, and returns what it prints. */
  public static String run(List<String> command, Path folder) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", "1"); // small work beside other tests
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return said.strip();
  }
}
