package io.realign.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.realign.io.Build;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The description of the service; {@code OpenApiTest} compares it with the routes. */
final class OpenApi {

  private static final String FILE = "openapi.yaml";

  private final String yaml;
  private final byte[] json;

  OpenApi() {
    yaml =
        new String(Resource.bytes(FILE), StandardCharsets.UTF_8)
            .replace("${version}", Build.current().version());
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
