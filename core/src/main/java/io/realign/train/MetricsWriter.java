package io.realign.train;

import io.realign.io.AtomicFile;
import io.realign.io.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code metrics.jsonl}: one JSON object every few steps, with the validation's figures
 * where there are some.
 */
final class MetricsWriter implements Listener, AutoCloseable {

  static final String FILE = "metrics.jsonl";

  private static final long EVERY = 10;

  private final Writer writer;
  private @Nullable Map<String, Object> pending;

  /**
   * Opens the file, and drops what it has of steps after {@code step}: a killed run did them, but
   * they are undone.
   */
  MetricsWriter(Path file, long step) {
    try {
      AtomicFile.writeString(file, step == 0 ? "" : kept(file, step));
      this.writer = Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void stepped(Progress progress) {
    flushPending();
    if (progress.step() % EVERY == 0
        || progress.step() == progress.steps()
        || progress.step() == 1) {
      pending = entry(progress);
    }
    last = progress;
  }

  private @Nullable Progress last;

  @Override
  public void validated(long step, Map<String, Double> figures, boolean best) {
    if (pending == null && last != null) {
      pending = entry(last);
    }
    if (pending != null) {
      pending.put("validation", figures);
      pending.put("best", best);
    }
    flushPending();
  }

  @Override
  public void saving(long step) {
    flushPending();
  }

  @Override
  public void ended() {
    flushPending();
  }

  @Override
  public void close() {
    try {
      writer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> entry(Progress progress) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("step", progress.step());
    entry.put("epoch", rounded(progress.epoch()));
    entry.put("images", progress.images());
    entry.put("seconds", rounded(progress.seconds()));
    entry.put("images_per_second", rounded(progress.imagesPerSecond()));
    entry.put("learning_rate", progress.learningRate());
    Map<String, Double> losses = new LinkedHashMap<>();
    losses.put(
        "total",
        progress.losses().getOrDefault("total", Double.NaN)); // first: the report's first panel
    progress.losses().forEach(losses::putIfAbsent);
    entry.put("loss", losses);
    return entry;
  }

  private void flushPending() {
    if (pending == null) {
      return;
    }
    try {
      writer.write(Yaml.writeJson(pending) + "\n");
      writer.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + ": cannot be written: " + e.getMessage(), e);
    }
    pending = null;
  }

  private static String kept(Path file, long step) throws IOException {
    if (!Files.exists(file)) {
      return "";
    }
    StringBuilder kept = new StringBuilder();
    List<String> lines = Files.readAllLines(file);
    for (String line : lines) {
      long at = stepOf(line);
      if (at >= 0 && at <= step) {
        kept.append(line).append('\n');
      }
    }
    return kept.toString();
  }

  /** The step of a whole line; −1 for one that was torn. */
  private static long stepOf(String line) {
    String key = "{\"step\":";
    if (!line.startsWith(key) || !line.endsWith("}")) {
      return -1;
    }
    return Long.parseLong(line.substring(key.length(), line.indexOf(',')));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
