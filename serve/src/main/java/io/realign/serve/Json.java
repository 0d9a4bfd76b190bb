package io.realign.serve;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.realign.io.Yaml;
import java.io.IOException;

/** Bodies to records and back: unknown keys, doubled keys and what stands behind are errors. */
final class Json {

  private static final int DEEPEST = 16;

  /** A body is in memory already: a string of it may be as long as the body. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .serializationInclusion(JsonInclude.Include.NON_ABSENT)
          .build();

  private Json() {}

  static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer that has no JSON form", e);
    }
  }

  /**
   * Reads the body of a request.
   *
   * @throws Problem 400 in one line that says what is wrong, and where
   */
  static <T> T read(byte[] body, Class<T> type) {
    try {
      T value = MAPPER.readValue(body, type);
      if (value == null) {
        throw Problem.of(HttpStatus.BAD_REQUEST, "the body is null, expected a JSON object");
      }
      return value;
    } catch (JacksonException e) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "the body is not the JSON expected: " + reason(e));
    } catch (IOException e) { // of bytes in memory: they are no text
      throw Problem.of(HttpStatus.BAD_REQUEST, "the body is not JSON in UTF-8");
    }
  }

  /** A document as a tree. */
  static JsonNode tree(byte[] json) throws IOException {
    return MAPPER.readTree(json);
  }

  /** Without our own names, which tell a client nothing. */
  private static String reason(JacksonException e) {
    if (e instanceof InvalidFormatException wrong && wrong.getTargetType() == byte[].class) {
      return "'" + Yaml.place(wrong) + "' is no base64";
    }
    return Yaml.reason(e)
        .replaceAll("\\(class [^)]*\\)|`io\\.realign[^`]*`", "")
        .replaceAll(" +", " ")
        .strip();
  }
}
