package io.realign.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What a TorchScript file says without being run: its source and the sizes of what it holds.
 *
 * @param program the class of the whole: {@code torchvision.models.resnet.ResNet}
 * @param methods of that class, as its source declares them
 * @param source of all classes
 * @param tensors how many it holds
 * @param tensorBytes their bytes together
 */
public record ScriptArchive(
    String program, List<Method> methods, String source, int tensors, long tensorBytes) {

  private static final long MOST_SOURCE = 32L << 20;
  private static final int MOST_FILES = 200_000;
  private static final int HEAD = 1 << 16;
  private static final Pattern ROOT = Pattern.compile("c(__torch__[\\w.]*)\n(\\w+)\n");
  private static final Pattern METHOD =
      Pattern.compile("^  def (\\w+)\\(([^()]*)\\) -> ([^()\n]+):$", Pattern.MULTILINE);
  private static final Pattern QUANTISED =
      Pattern.compile(
          "ops\\.(quantized\\.\\w+)|torch\\.(quantize_per_\\w+|dequantize|fake_quantize\\w*)\\(");

  /**
   * A method.
   *
   * @param arguments as written, without {@code self}
   */
  public record Method(String name, List<String> arguments, String returns) {

    /** As in {@code forward(x: Tensor) -> Tensor}. */
    public String text() {
      return "%s(%s) -> %s".formatted(name, String.join(", ", arguments), returns);
    }
  }

  /** Copies the methods. */
  public ScriptArchive {
    methods = List.copyOf(methods);
  }

  /** Whether the file is a zip with a program in it. */
  public static boolean isOne(Path file) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.stream().anyMatch(entry -> entry.getName().matches("[^/]+/constants\\.pkl"));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Reads the source; nothing in the file runs.
   *
   * @throws InputException in one line, if there is no such file or it is no sound TorchScript
   */
  public static ScriptArchive read(Path file) {
    try (ZipFile zip = open(file)) {
      return read(zip);
    } catch (Malformed e) {
      throw new InputException(file + ": " + e.getMessage(), e);
    } catch (ZipException | EOFException e) {
      throw new InputException(file + ": a damaged zip file: " + Failures.reason(e), e);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  private static ZipFile open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString());
    }
    try {
      return new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new Malformed("no TorchScript file, or a truncated one: " + e.getMessage());
    }
  }

  private static ScriptArchive read(ZipFile zip) throws IOException {
    if (zip.size() > MOST_FILES) {
      throw new Malformed("a zip of %,d files, not a TorchScript file".formatted(zip.size()));
    }
    String prefix = "";
    for (ZipEntry entry : entries(zip)) {
      if (entry.getName().matches("[^/]+/data\\.pkl")) {
        prefix = entry.getName().substring(0, entry.getName().indexOf('/') + 1);
      }
    }
    if (prefix.isEmpty()) {
      throw new Malformed("a zip without data.pkl, not a TorchScript file");
    }
    if (zip.getEntry(prefix + "constants.pkl") == null) {
      throw new Malformed("a state dictionary, not a TorchScript program: ARCH@FILE takes it");
    }
    StringBuilder source = new StringBuilder();
    String root = root(zip, prefix);
    String own = "";
    int tensors = 0;
    long tensorBytes = 0;
    for (ZipEntry entry : entries(zip)) {
      String name = entry.getName().substring(Math.min(prefix.length(), entry.getName().length()));
      if (name.startsWith("data/") || name.startsWith("constants/")) {
        tensors++;
        tensorBytes += Math.max(0, entry.getSize());
      } else if (name.startsWith("code/") && name.endsWith(".py")) {
        String text = text(zip, entry, MOST_SOURCE - source.length());
        source.append(text);
        String module = name.substring("code/".length(), name.length() - ".py".length());
        if (root.substring(0, Math.max(0, root.lastIndexOf('.')))
            .equals(module.replace('/', '.'))) {
          own = text;
        }
      }
    }
    return new ScriptArchive(
        root.replaceFirst("^__torch__\\.", ""),
        methods(own, root.substring(root.lastIndexOf('.') + 1)),
        source.toString(),
        tensors,
        tensorBytes);
  }

  private static List<ZipEntry> entries(ZipFile zip) {
    return zip.stream().<ZipEntry>map(entry -> entry).toList();
  }

  private static String root(ZipFile zip, String prefix) throws IOException {
    try (InputStream in = zip.getInputStream(zip.getEntry(prefix + "data.pkl"))) {
      Matcher matcher = ROOT.matcher(new String(in.readNBytes(HEAD), StandardCharsets.ISO_8859_1));
      if (!matcher.find()) {
        throw new Malformed("its data.pkl names no program");
      }
      return matcher.group(1) + "." + matcher.group(2);
    }
  }

  private static String text(ZipFile zip, ZipEntry entry, long most) throws IOException {
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) Math.max(0, most) + 1);
      if (bytes.length > most) {
        throw new Malformed("more than %,d bytes of source".formatted(MOST_SOURCE));
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private static List<Method> methods(String source, String type) {
    int start = source.indexOf("class " + type + "(");
    if (start < 0) {
      return List.of();
    }
    int end = source.indexOf("\nclass ", start + 1);
    Matcher matcher = METHOD.matcher(source.substring(start, end < 0 ? source.length() : end));
    List<Method> methods = new ArrayList<>();
    while (matcher.find()) {
      List<String> arguments = new ArrayList<>();
      for (String each : matcher.group(2).split(",\\s*(?=\\w+:)", -1)) {
        arguments.add(each.strip());
      }
      methods.add(
          new Method(matcher.group(1), arguments.subList(1, arguments.size()), matcher.group(3)));
    }
    return methods;
  }

  /** The names of 8-bit operators in the source: most have no gradient. */
  public Set<String> quantised() {
    Set<String> names = new LinkedHashSet<>();
    Matcher matcher = QUANTISED.matcher(source);
    while (matcher.find()) {
      names.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return names;
  }
}
