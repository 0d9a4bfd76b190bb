package io.realign.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.realign.evaluate.Result;
import io.realign.evaluate.Result.AttackCell;
import io.realign.evaluate.Result.ClassFigure;
import io.realign.evaluate.Result.Provenance;
import io.realign.evaluate.Result.Weights;
import io.realign.evaluate.Threat;
import io.realign.io.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One record of {@code results.json}, read strictly. */
final class ResultRecord {

  private static final Set<String> FIELDS =
      Set.of(
          "task",
          "dataset",
          "split",
          "target",
          "defense",
          "attack",
          "threat",
          "metric",
          "value",
          "n",
          "interval",
          "seconds",
          "seed",
          "commit",
          "machine",
          "versions",
          "weights");

  private static final Set<String> OPTIONAL = Set.of("draws", "classes");

  private final JsonNode node;
  private final String where;

  ResultRecord(JsonNode node, String where) {
    this.node = node;
    this.where = where;
    fields(node, FIELDS, OPTIONAL, where);
  }

  Result read() {
    AttackCell attack = attack();
    Threat threat = threat();
    if (attack == null && threat != null) {
      throw new InputException(where + ": a threat without an attack");
    }
    double value = number(node, "value");
    if (!(value >= 0 && value <= 1)) {
      throw new InputException(where + ": value must lie in [0,1], not " + value);
    }
    long n = integer("n");
    if (n < 1) {
      throw new InputException(where + ": n must be at least 1, not " + n);
    }
    JsonNode pair = node.get("interval");
    if (!pair.isArray() || pair.size() != 2 || !pair.get(0).isNumber() || !pair.get(1).isNumber()) {
      throw new InputException(where + ": interval must be [low, high]");
    }
    JsonNode weights = object("weights");
    fields(weights, Set.of("target", "defense"), Set.of(), where + ", weights");
    return new Result(
        text("task"),
        text("dataset"),
        text("split"),
        text("target"),
        optional(node, "defense"),
        attack,
        threat,
        text("metric"),
        value,
        n,
        ResultsJson.interval(pair.get(0).doubleValue(), pair.get(1).doubleValue(), value, where),
        draws(),
        number(node, "seconds"),
        new Provenance(integer("seed"), text("commit"), text("machine"), versions()),
        new Weights(optional(weights, "target"), optional(weights, "defense")),
        classes());
  }

  private List<ClassFigure> classes() {
    if (!node.has("classes")) {
      return List.of();
    }
    List<ClassFigure> figures = new ArrayList<>();
    object("classes").forEachEntry((name, figure) -> figures.add(classFigure(name, figure)));
    return figures;
  }

  private ClassFigure classFigure(String name, JsonNode figure) {
    if (!figure.isArray()
        || figure.size() != 2
        || !figure.get(0).isNumber()
        || !figure.get(1).isIntegralNumber()) {
      throw new InputException(where + ": class " + name + " must be [value, images]");
    }
    double value = figure.get(0).doubleValue();
    long images = figure.get(1).longValue();
    if (!(value >= 0 && value <= 1) || images < 0) {
      throw new InputException(
          "%s: class %s must have a value in [0,1] and no fewer images than none, not %s and %d"
              .formatted(where, name, value, images));
    }
    return new ClassFigure(name, value, images);
  }

  private Result.@Nullable Draws draws() {
    JsonNode draws = node.get("draws");
    if (draws == null || draws.isNull()) {
      return null;
    }
    fields(draws, Set.of("count", "majority", "mean"), Set.of(), where + ", draws");
    return new Result.Draws(
        (int) number(draws, "count"), number(draws, "majority"), number(draws, "mean"));
  }

  private @Nullable AttackCell attack() {
    JsonNode attack = node.get("attack");
    if (attack.isNull()) {
      return null;
    }
    fields(attack, Set.of("name", "parameters"), Set.of(), where + ", attack");
    JsonNode name = attack.get("name");
    JsonNode parameters = attack.get("parameters");
    if (!name.isTextual() || !parameters.isObject()) {
      throw new InputException(where + ": attack must hold a name and an object of parameters");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    parameters.forEachEntry((key, value) -> values.put(key, scalar(key, value)));
    return new AttackCell(name.textValue(), Collections.unmodifiableMap(values));
  }

  private Object scalar(String key, JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isInt()) {
      return value.intValue();
    }
    if (value.isLong()) {
      return value.longValue();
    }
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isTextual()) {
      return value.textValue();
    }
    throw new InputException(
        where + ": attack parameter " + key + " must be a number, truth value or text");
  }

  private @Nullable Threat threat() {
    String name = optional(node, "threat");
    if (name == null) {
      return null;
    }
    return switch (name) {
      case Text.OBLIVIOUS -> Threat.OBLIVIOUS;
      case Text.ADAPTIVE -> Threat.ADAPTIVE;
      case Text.BLACK_BOX -> Threat.BLACK_BOX;
      default ->
          throw new InputException(
              where + ": threat must be oblivious, adaptive, black-box or null, not " + name);
    };
  }

  private Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    object("versions")
        .forEachEntry(
            (key, value) -> {
              if (!value.isTextual()) {
                throw new InputException(where + ": version of " + key + " must be text");
              }
              versions.put(key, value.textValue());
            });
    return Collections.unmodifiableMap(versions);
  }

  private JsonNode object(String field) {
    JsonNode value = node.get(field);
    if (!value.isObject()) {
      throw new InputException(where + ": " + field + " must be an object");
    }
    return value;
  }

  private String text(String field) {
    JsonNode value = node.get(field);
    if (!value.isTextual()) {
      throw new InputException(where + ": " + field + " must be text");
    }
    return value.textValue();
  }

  private @Nullable String optional(JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw new InputException(where + ": " + field + " must be text or null");
    }
    return value.textValue();
  }

  private double number(JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (!value.isNumber()) {
      throw new InputException(where + ": " + field + " must be a number");
    }
    return value.doubleValue();
  }

  private long integer(String field) {
    JsonNode value = node.get(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new InputException(where + ": " + field + " must be a whole number");
    }
    return value.longValue();
  }

  private static void fields(
      JsonNode object, Set<String> expected, Set<String> optional, String where) {
    if (!object.isObject()) {
      throw new InputException(where + " must be an object");
    }
    Set<String> missing = new TreeSet<>(expected);
    Set<String> unknown = new TreeSet<>();
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!missing.remove(name) && !optional.contains(name)) {
                unknown.add(name);
              }
            });
    if (!missing.isEmpty()) {
      throw new InputException(where + " lacks " + String.join(", ", missing));
    }
    if (!unknown.isEmpty()) {
      throw new InputException(where + " has unknown fields: " + String.join(", ", unknown));
    }
  }
}
