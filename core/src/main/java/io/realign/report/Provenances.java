package io.realign.report;

import io.realign.evaluate.Result.Provenance;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What the figures of this process are made with: the commit of the code, the machine without its
 * name, and the versions.
 */
public final class Provenances {

  private static final String UNKNOWN = "unknown";
  private static final String BUILD = "/realign-build.properties";
  private static final String PYTORCH = "/META-INF/maven/org.bytedeco/pytorch/pom.properties";

  private Provenances() {}

  /** The provenance of a run with this seed. */
  public static Provenance current(long seed) {
    return new Provenance(seed, Once.COMMIT, Once.MACHINE, Once.VERSIONS);
  }

  /** Asked for once a process. */
  private static final class Once {
    static final Properties STAMP = properties(BUILD);
    static final String COMMIT =
        stamped("commit").or(Provenances::commitOfCheckout).orElse(UNKNOWN);
    static final String MACHINE = machine();
    static final Map<String, String> VERSIONS = versions();

    static Optional<String> stamped(String key) {
      return Optional.ofNullable(STAMP.getProperty(key))
          .map(String::strip)
          .filter(value -> !value.isEmpty() && !value.startsWith("${"));
    }

    static Map<String, String> versions() {
      Map<String, String> versions = new TreeMap<>();
      versions.put(
          "realign",
          stamped("version")
              .or(
                  () ->
                      Optional.ofNullable(
                          Provenances.class.getPackage().getImplementationVersion()))
              .orElse("development"));
      versions.put("java", System.getProperty("java.version", UNKNOWN));
      versions.put(
          "pytorch",
          Optional.ofNullable(properties(PYTORCH).getProperty("version"))
              .or(() -> stamped("pytorch"))
              .orElse(UNKNOWN));
      versions.put(
          "os", System.getProperty("os.name", UNKNOWN) + " " + System.getProperty("os.arch", ""));
      return Collections.unmodifiableMap(versions);
    }
  }

  private static String machine() {
    Runtime runtime = Runtime.getRuntime();
    return "%s, %d cores%s"
        .formatted(
            processor(),
            runtime.availableProcessors(),
            memory().map(gib -> ", " + gib + " GiB").orElse(""));
  }

  private static String processor() {
    return line("/proc/cpuinfo", "model name")
        .map(
            line -> line.replaceAll("\\((R|TM|C)\\)|\\bCPU\\b", "").replaceAll("\\s+", " ").strip())
        .filter(name -> !name.isEmpty() && !name.equalsIgnoreCase(UNKNOWN))
        .orElse(System.getProperty("os.arch", UNKNOWN));
  }

  private static Optional<Long> memory() {
    return line("/proc/meminfo", "MemTotal")
        .map(line -> line.replaceAll("\\D", ""))
        .filter(digits -> !digits.isEmpty())
        .map(kib -> Math.round(Long.parseLong(kib) / (1024.0 * 1024.0)));
  }

  /** The value of {@code key} in a file of {@code key : value} lines, where the system has one. */
  private static Optional<String> line(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file), StandardCharsets.UTF_8)) {
      return lines
          .filter(line -> line.startsWith(key) && line.indexOf(':') >= 0)
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty(); // not Linux
    }
  }

  private static Properties properties(String resource) {
    Properties properties = new Properties();
    try (InputStream in = Provenances.class.getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return new Properties(); // a stamp is optional
    }
    return properties;
  }

  /** HEAD of the checkout that the running classes were built in, {@code -dirty} if it differs. */
  private static Optional<String> commitOfCheckout() {
    CodeSource source = Provenances.class.getProtectionDomain().getCodeSource();
    if (source == null || source.getLocation() == null) {
      return Optional.empty();
    }
    try {
      Path code = Path.of(source.getLocation().toURI());
      Path folder = Files.isDirectory(code) ? code : code.toAbsolutePath().getParent();
      return Optional.ofNullable(folder).flatMap(Provenances::commit);
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** HEAD of the Realign checkout around {@code folder}; empty where there is none, or no git. */
  static Optional<String> commit(Path folder) {
    return git(folder, "rev-parse", "--show-toplevel")
        .filter(top -> Files.isDirectory(Path.of(top, "core", "src", "main", "java", "io/realign")))
        .flatMap(top -> git(folder, "rev-parse", "HEAD"))
        .map(
            head ->
                git(folder, "status", "--porcelain", "--untracked-files=no")
                    .filter(String::isEmpty)
                    .map(clean -> head)
                    .orElse(head + "-dirty"));
  }

  private static Optional<String> git(Path folder, String... arguments) {
    String[] command = new String[arguments.length + 1];
    command[0] = "git";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return Optional.empty();
      }
      return process.exitValue() == 0 ? Optional.of(output) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no git here
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
