package io.realign.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The JSON header of a safetensors file, checked: every tensor's bytes are inside the data, as many
 * as its type and shape need, and together the tensors fill the data without overlap or hole.
 *
 * @param entries the tensors in the order of the header
 * @param metadata the texts of {@code __metadata__}, in order
 */
record SafetensorsHeader(List<Entry> entries, SequencedMap<String, String> metadata) {

  private static final int MAX_RANK = 64;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(8).maxNumberLength(20).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  /** A tensor: its bytes are [begin, end) of the data. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Entry(String name, DType type, long[] shape, long begin, long end) {}

  /**
   * Reads and checks a header.
   *
   * @param data the number of bytes that follow the header
   * @throws Malformed that says what is wrong
   */
  static SafetensorsHeader parse(byte[] json, long data) throws IOException {
    if (json.length == 0 || json[0] != '{') {
      throw new Malformed("the header is not a JSON object");
    }
    if (json.length > 1 && json[1] == 0) { // of UTF-16 or UTF-32, which a JSON parser would take
      throw new Malformed("the header is not in UTF-8");
    }
    List<Entry> entries = new ArrayList<>();
    SequencedMap<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          throw new Malformed("'" + name + "' is not a JSON object");
        }
        if (name.equals("__metadata__")) {
          metadata(parser, metadata);
        } else {
          entries.add(entry(parser, name));
        }
      }
      if (parser.nextToken() != null) {
        throw new Malformed("text follows the header's JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new Malformed("the header is not valid JSON: " + e.getOriginalMessage());
    }
    checkLayout(entries, data);
    return new SafetensorsHeader(List.copyOf(entries), metadata);
  }

  private static void metadata(JsonParser parser, SequencedMap<String, String> metadata)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new Malformed("metadata '" + key + "' is not a text");
      }
      metadata.put(key, parser.getText());
    }
  }

  private static Entry entry(JsonParser parser, String name) throws IOException {
    String type = "";
    long[] shape = {-1};
    long[] offsets = {};
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "dtype" -> type = value == JsonToken.VALUE_STRING ? parser.getText() : "";
        case "shape" -> shape = numbers(parser, name, "shape", MAX_RANK);
        case "data_offsets" -> offsets = numbers(parser, name, "data_offsets", 2);
        default -> throw new Malformed("'" + name + "' has an unknown field '" + field + "'");
      }
    }
    return checked(name, type, shape, offsets);
  }

  private static long[] numbers(JsonParser parser, String name, String field, int most)
      throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new Malformed("'" + name + "': " + field + " is not a list");
    }
    long[] numbers = new long[most];
    int n = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (n == most) {
        throw new Malformed("'" + name + "': " + field + " has more than " + most + " numbers");
      }
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
          || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw new Malformed(
            "'" + name + "': " + field + " has a value that is no size: " + parser.getText());
      }
      numbers[n++] = parser.getLongValue();
    }
    return Arrays.copyOf(numbers, n);
  }

  private static Entry checked(String name, String type, long[] shape, long[] offsets)
      throws Malformed {
    DType dtype =
        DType.named(type)
            .orElseThrow(
                () ->
                    new Malformed(
                        "'%s' has the unknown dtype '%s': one of %s"
                            .formatted(name, type, Arrays.toString(DType.values()))));
    if (shape.length == 1 && shape[0] < 0) {
      throw new Malformed("'" + name + "' has no shape");
    }
    if (offsets.length != 2) {
      throw new Malformed("'" + name + "' has no data_offsets of two numbers");
    }
    long size = size(name, dtype, shape);
    long given = offsets[1] - offsets[0];
    if (given != size) {
      throw new Malformed(
          "'%s' of %s %s needs %d bytes, data_offsets [%d, %d] give %d"
              .formatted(name, dtype, Arrays.toString(shape), size, offsets[0], offsets[1], given));
    }
    return new Entry(name, dtype, shape, offsets[0], offsets[1]);
  }

  private static long size(String name, DType type, long[] shape) throws Malformed {
    long size = type.bytes;
    boolean empty = false;
    for (long dimension : shape) {
      empty |= dimension == 0;
      // also where another dimension is 0: libtorch multiplies the strides all the same
      if (Math.multiplyHigh(size, Math.max(1, dimension)) != 0
          || size * Math.max(1, dimension) < 0) {
        throw new Malformed("'" + name + "': shape " + Arrays.toString(shape) + " overflows");
      }
      size *= Math.max(1, dimension);
    }
    return empty ? 0 : size;
  }

  private static void checkLayout(List<Entry> entries, long data) throws Malformed {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = 0;
    for (Entry entry : sorted) {
      if (entry.end > data) {
        throw new Malformed(
            "'%s' ends at byte %d of %d bytes of data: the file is truncated or its header lies"
                .formatted(entry.name, entry.end, data));
      }
      if (entry.begin != end) {
        throw new Malformed(
            "'%s' begins at byte %d instead of %d: the tensors %s"
                .formatted(
                    entry.name, entry.begin, end, entry.begin < end ? "overlap" : "leave a hole"));
      }
      end = entry.end;
    }
    if (end != data) {
      throw new Malformed("%d bytes of data, but the tensors end at byte %d".formatted(data, end));
    }
  }
}
