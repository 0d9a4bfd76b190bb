package io.realign.align;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Numbers from PyTorch in Python; {@code make_goldens.py} beside them made them. */
public final class Goldens {

  private static final JsonNode ALL = read();

  private Goldens() {}

  /** The values of that name. */
  public static float[] named(String name) {
    JsonNode values = ALL.required(name);
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.get(i).asDouble();
    }
    return floats;
  }

  private static JsonNode read() {
    try (InputStream in = Goldens.class.getResourceAsStream("/align/goldens.json")) {
      return JsonMapper.builder().build().readTree(Objects.requireNonNull(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
