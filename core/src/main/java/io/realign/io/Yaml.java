package io.realign.io;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Records to YAML and one-line JSON, and back; unknown keys are errors. */
public final class Yaml {

  /**
   * Marks a component, with {@code @JacksonInject}, that files of earlier versions lack: it is 0
   * there.
   */
  public static final String ELSE_ZERO = "0 where it is missing";

  /** The same: it is 1 there. */
  public static final String ELSE_ONE = "1 where it is missing";

  private static final InjectableValues DEFAULTS =
      new InjectableValues.Std().addValue(ELSE_ZERO, 0).addValue(ELSE_ONE, 1);

  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                  .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                  .build())
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .injectableValues(DEFAULTS)
          .build();

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .injectableValues(DEFAULTS)
          .build();

  private static final int MOST_BYTES = 4 << 20; // the YAML reader takes 3 million characters

  private Yaml() {}

  /** The record as YAML. */
  public static String write(Object config) {
    return unchecked(() -> YAML.writeValueAsString(config));
  }

  /** The record as one line of JSON. */
  public static String writeJson(Object config) {
    return unchecked(() -> JSON.writeValueAsString(config));
  }

  /**
   * What differs between two records of one type, as {@code key: was, now}; empty if nothing does.
   */
  public static List<String> differences(Object was, Object now) {
    List<String> found = new ArrayList<>();
    differences("", JSON.valueToTree(was), JSON.valueToTree(now), found);
    return found;
  }

  private static void differences(String key, JsonNode was, JsonNode now, List<String> found) {
    if (was.isObject() && now.isObject()) {
      Set<String> names = new TreeSet<>();
      was.fieldNames().forEachRemaining(names::add);
      now.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        differences(key.isEmpty() ? name : key + "." + name, was.path(name), now.path(name), found);
      }
    } else if (!was.equals(now)) {
      found.add("%s: %s, now %s".formatted(key, shown(was), shown(now)));
    }
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "none" : value.isTextual() ? value.asText() : value.toString();
  }

  /**
   * Reads a record.
   *
   * @throws InputException in one line that names the file and the key, for a file that is missing
   *     or does not fit
   */
  public static <T> T read(Path file, Class<T> type) {
    String text;
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new InputException(file + ": has more than %d bytes".formatted(MOST_BYTES));
      }
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InputException(file + ": is no text in UTF-8", e);
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
    return read(text, type, file.toString());
  }

  /**
   * Reads a record from YAML text.
   *
   * @param origin what the text is, for the error
   */
  public static <T> T read(String text, Class<T> type, String origin) {
    return read(YAML, text, type, origin);
  }

  /**
   * Reads a record from JSON.
   *
   * @param origin what the text is, for the error
   */
  public static <T> T readJson(String text, Class<T> type, String origin) {
    return read(JSON, text, type, origin);
  }

  private static <T> T read(ObjectMapper mapper, String text, Class<T> type, String origin) {
    @Nullable T value;
    try {
      value = mapper.readValue(text, type);
    } catch (JacksonException e) {
      throw new InputException(origin + ": " + reason(e), e);
    }
    if (value == null) {
      throw new InputException(origin + ": is empty");
    }
    return value;
  }

  /** What is wrong, and at which key, in one line. */
  public static String reason(JacksonException e) {
    Throwable cause = e.getCause() instanceof IllegalArgumentException ? e.getCause() : e;
    String text =
        cause instanceof JacksonException jackson
            ? jackson.getOriginalMessage()
            : cause.getMessage();
    String line = String.valueOf(text).lines().findFirst().orElse("");
    String where =
        e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
            ? " (at '" + place(mapping) + "')"
            : "";
    return line + where;
  }

  /** The innermost key of what cannot be read, and its place in a list: {@code images[1]}. */
  public static String place(JsonMappingException e) {
    StringBuilder place = new StringBuilder();
    for (JsonMappingException.Reference inner : e.getPath().reversed()) {
      if (inner.getFieldName() != null) {
        return inner.getFieldName() + place;
      }
      place.insert(0, "[" + inner.getIndex() + "]");
    }
    return place.toString();
  }

  private static String unchecked(Writing writing) {
    try {
      return writing.text();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a configuration that cannot be written", e);
    }
  }

  @FunctionalInterface
  private interface Writing {
    String text() throws JsonProcessingException;
  }
}
