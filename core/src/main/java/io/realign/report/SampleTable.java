package io.realign.report;

import io.realign.evaluate.Evaluation;
import io.realign.evaluate.SampleOutcome;
import io.realign.evaluate.Threat;
import io.realign.io.AtomicFile;
import io.realign.io.Yaml;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which attack broke which image, and with how large a change: a row an image and cell. */
public final class SampleTable {

  private SampleTable() {}

  /** Writes the table as CSV and as lines of JSON. */
  public static void write(Path csv, Path jsonLines, Evaluation evaluation) {
    StringBuilder rows =
        new StringBuilder("index,label,defense,attack,threat,predicted,right,value,rate,change\n");
    StringBuilder lines = new StringBuilder();
    for (SampleOutcome sample : evaluation.samples()) {
      rows.append(sample.index())
          .append(',')
          .append(sample.label())
          .append(',')
          .append(quoted(sample.defense()))
          .append(',')
          .append(quoted(sample.attack()))
          .append(',')
          .append(quoted(word(sample.threat())))
          .append(',')
          .append(sample.predicted() == null ? "" : sample.predicted())
          .append(',')
          .append(sample.predicted() == null ? "" : sample.right())
          .append(',')
          .append(decimals(sample.value()))
          .append(',')
          .append(decimals(sample.rate()))
          .append(',')
          .append(decimals(sample.change()))
          .append('\n');
      Map<String, @Nullable Object> line = new LinkedHashMap<>();
      line.put("index", sample.index());
      line.put("label", sample.label());
      line.put("defense", sample.defense());
      line.put("attack", sample.attack());
      line.put("threat", word(sample.threat()));
      line.put("predicted", sample.predicted());
      line.put("right", sample.predicted() == null ? null : sample.right());
      line.put("value", Double.valueOf(decimals(sample.value())));
      line.put("rate", Double.valueOf(decimals(sample.rate())));
      line.put("change", Double.valueOf(decimals(sample.change())));
      lines.append(Yaml.writeJson(line)).append('\n');
    }
    AtomicFile.writeString(csv, rows.toString());
    AtomicFile.writeString(jsonLines, lines.toString());
  }

  private static @Nullable String word(@Nullable Threat threat) {
    return threat == null ? null : Text.threat(threat);
  }

  private static String decimals(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }

  /** As RFC 4180 has it; nothing for null. */
  private static String quoted(@Nullable String text) {
    if (text == null) {
      return "";
    }
    return text.contains(",") || text.contains("\"") || text.contains("\n")
        ? '"' + text.replace("\"", "\"\"") + '"'
        : text;
  }
}
