package io.realign.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.realign.evaluate.Interval;
import io.realign.evaluate.Result;
import io.realign.evaluate.Result.AttackCell;
import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code results.json}: an array with one record per defense × attack × threat, and one clean
 * record per defense.
 *
 * <p>Every field is always there, null where it does not apply, but for {@code draws}, which only
 * records of a randomised target or defense have, and {@code classes}, the value of each class and
 * the number of images that show it, which records of earlier versions lack; names within {@code
 * parameters} and {@code versions} are sorted, so equal results are equal bytes. Proportions carry
 * six decimals, seconds three.
 */
public final class ResultsJson {

  /** The file's name within a run's folder. */
  public static final String FILE = "results.json";

  private static final JsonNodeFactory NODES = JsonNodeFactory.withExactBigDecimals(true);
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .nodeFactory(NODES)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN)
          .build();

  private ResultsJson() {}

  /** Writes {@code file} whole or not at all. */
  public static void write(Path file, List<Result> results) {
    AtomicFile.writeString(file, text(results));
  }

  /** The file's text, with a newline at its end. */
  public static String text(List<Result> results) {
    ArrayNode array = NODES.arrayNode();
    results.forEach(result -> array.add(record(result)));
    try {
      return MAPPER.writer(new Layout()).writeValueAsString(array) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("results without a JSON form: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a file that {@link #write} made.
   *
   * @throws InputException naming the file, the record and the field that is missing, unknown or
   *     wrong
   */
  public static List<Result> read(Path file) {
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      throw new InputException(file + " is missing; a folder of an evaluation holds one", e);
    } catch (IOException e) {
      throw new InputException(file + " could not be read: " + e.getMessage(), e);
    }
    return parse(text, file.toString());
  }

  /** Reads {@code text}; errors call it {@code name}. */
  static List<Result> parse(String text, String name) {
    JsonNode root;
    try {
      root = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new InputException(name + " is no JSON: " + firstLine(e), e);
    } catch (NumberFormatException e) { // of an exponent that no number of Java has
      throw new InputException(name + " holds no results: " + e.getMessage(), e);
    }
    if (!root.isArray()) {
      throw new InputException(name + " must hold an array of result records");
    }
    List<Result> results = new ArrayList<>();
    for (JsonNode node : root) {
      results.add(new ResultRecord(node, name + ", record " + (results.size() + 1)).read());
    }
    return Collections.unmodifiableList(results);
  }

  /** What went wrong and where, on one line and without the parser's excerpt of the source. */
  static String firstLine(JsonProcessingException e) {
    String problem = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
    return e.getLocation() == null
        ? problem
        : problem + " (line " + e.getLocation().getLineNr() + ")";
  }

  private static ObjectNode record(Result r) {
    ObjectNode node = NODES.objectNode();
    node.put("task", r.task());
    node.put("dataset", r.dataset());
    node.put("split", r.split());
    node.put("target", r.target());
    node.put("defense", r.defense());
    node.set("attack", attack(r.attack()));
    node.put("threat", r.threat() == null ? null : Text.threat(r.threat()));
    node.put("metric", r.metric());
    node.put("value", decimal(r.value(), 6));
    node.put("n", r.n());
    node.putArray("interval")
        .add(decimal(r.interval().low(), 6))
        .add(decimal(r.interval().high(), 6));
    Result.Draws draws = r.draws();
    if (draws != null) {
      node.putObject("draws")
          .put("count", draws.count())
          .put("majority", decimal(draws.majority(), 6))
          .put("mean", decimal(draws.mean(), 6));
    }
    node.put("seconds", decimal(r.seconds(), 3));
    node.put("seed", r.provenance().seed());
    node.put("commit", r.provenance().commit());
    node.put("machine", r.provenance().machine());
    ObjectNode versions = node.putObject("versions");
    new TreeMap<>(r.provenance().versions()).forEach(versions::put);
    node.putObject("weights")
        .put("target", r.weights().target())
        .put("defense", r.weights().defense());
    if (!r.classes().isEmpty()) {
      ObjectNode classes = node.putObject("classes");
      r.classes().forEach(each -> classes.set(freeName(classes, each.name()), figure(each)));
    }
    return node;
  }

  private static ArrayNode figure(Result.ClassFigure figure) {
    return NODES.arrayNode().add(decimal(figure.value(), 6)).add(figure.images());
  }

  /** Two classes of one name, as a file of classes may have them, both get a line. */
  private static String freeName(ObjectNode taken, String name) {
    String free = name;
    for (int i = 2; taken.has(free); i++) {
      free = name + " " + i;
    }
    return free;
  }

  private static JsonNode attack(@Nullable AttackCell attack) {
    if (attack == null) {
      return NODES.nullNode();
    }
    ObjectNode node = NODES.objectNode().put("name", attack.name());
    ObjectNode parameters = node.putObject("parameters");
    for (Map.Entry<String, Object> entry : new TreeMap<>(attack.parameters()).entrySet()) {
      parameters.set(entry.getKey(), scalar(entry.getKey(), entry.getValue()));
    }
    return node;
  }

  private static JsonNode scalar(String name, Object value) {
    return switch (value) {
      case Boolean b -> NODES.booleanNode(b);
      case Integer i -> NODES.numberNode(i);
      case Long l -> NODES.numberNode(l);
      case Float f -> NODES.numberNode(plain(new BigDecimal(Float.toString(f))));
      case Double d -> NODES.numberNode(plain(BigDecimal.valueOf(d)));
      case String s -> NODES.textNode(s);
      case Enum<?> e -> NODES.textNode(e.name().toLowerCase(Locale.ROOT));
      default ->
          throw new IllegalArgumentException(
              "attack parameter %s: a %s is no number, truth value or text"
                  .formatted(name, value.getClass().getSimpleName()));
    };
  }

  private static BigDecimal decimal(double value, int decimals) {
    return plain(BigDecimal.valueOf(value).setScale(decimals, RoundingMode.HALF_EVEN));
  }

  /** Without trailing zeros, but with one decimal, so that it reads as a real number. */
  private static BigDecimal plain(BigDecimal value) {
    BigDecimal stripped = value.stripTrailingZeros();
    return stripped.scale() < 1 ? stripped.setScale(1) : stripped;
  }

  /** Two spaces, Unix line ends on every system, {@code "name": value}. */
  private static final class Layout extends DefaultPrettyPrinter {
    private static final long serialVersionUID = 1;

    Layout() {
      super(
          DefaultPrettyPrinter.DEFAULT_SEPARATORS.withObjectFieldValueSpacing(
              Separators.Spacing.AFTER));
      indentObjectsWith(new DefaultIndenter("  ", "\n"));
    }

    @Override
    public DefaultPrettyPrinter createInstance() {
      return new Layout();
    }
  }

  /** An empty interval is impossible; one that misses its value says the file was edited. */
  static Interval interval(double low, double high, double value, String where) {
    if (!(low >= 0 && low <= value + 1e-6 && value <= high + 1e-6 && high <= 1)) {
      throw new InputException(where + ": interval must hold the value and lie in [0,1]");
    }
    return new Interval(low, high);
  }
}
