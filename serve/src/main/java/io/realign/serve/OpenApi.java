package io.realign.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.realign.io.Build;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The description of the service; {@code OpenApiTest} compares it with the routes. */
final class OpenApi {

  private static final String FILE = "openapi.yaml";

  /** The lines around what is of the playground. */
  private static final Pattern MARKS = Pattern.compile("(?m)^ *# (the playground|its end)\\R");

  private static final Pattern PLAYGROUND =
      Pattern.compile("(?ms)^ *# the playground$.*?^ *# its end\\R");

  private final String yaml;
  private final byte[] json;

  /**
   * Of a service.
   *
   * @param batchImages the most images in one request
   * @param playground whether the page and what it asks for are there
   */
  OpenApi(int batchImages, boolean playground) {
    String whole = new String(Resource.bytes(FILE), StandardCharsets.UTF_8);
    yaml =
        (playground ? MARKS : PLAYGROUND)
            .matcher(whole)
            .replaceAll("")
            .replace("${version}", Build.current().version())
            .replace("${batchImages}", Integer.toString(batchImages));
    json = Json.bytes(tree());
  }

  /** The document. */
  JsonNode tree() {
    try {
      return new YAMLMapper().readTree(yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(FILE + " is no YAML", e);
    }
  }

  Endpoint asYaml() {
    return exchange -> Answer.text("application/yaml; charset=utf-8", yaml);
  }

  Endpoint asJson() {
    return exchange -> Answer.bytes("application/json", json);
  }
}
