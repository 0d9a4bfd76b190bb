package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The description says what the code does; {@link Client} holds answers against it besides. */
final class OpenApiTest {

  private static final JsonNode DOCUMENT = new OpenApi().tree();

  private static List<Route> routes() {
    ServiceConfig config =
        new ServiceConfig(
            "127.0.0.1", 0, Optional.empty(), Limits.standard(), Batching.standard(1), true);
    try (House house =
        new House(config, List.of(TestModels.defenseAlone()), Throwable::printStackTrace)) {
      return Routes.of(house, () -> false);
    }
  }

  @Test
  void describesEachRouteAndNoOther() {
    Set<String> described = new HashSet<>();
    DOCUMENT
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method -> {
                          if (!method.equals("parameters")) {
                            described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                          }
                        }));
    assertThat(routes())
        .extracting(route -> route.method() + " " + route.path())
        .containsExactlyInAnyOrderElementsOf(described);
  }

  @Test
  void saysOfEachRouteWhetherItIsOpen() {
    for (Route route : routes()) {
      JsonNode operation =
          DOCUMENT
              .path("paths")
              .path(route.path())
              .path(route.method().name().toLowerCase(Locale.ROOT));
      boolean open = operation.path("security").isArray() && operation.path("security").isEmpty();
      assertThat(open).as(route.path()).isEqualTo(!route.secret());
      JsonNode responses = operation.path("responses");
      boolean post = route.method() == Route.Method.POST;
      assertThat(responses.has("401")).as(route.path()).isEqualTo(route.secret());
      assertThat(responses.has("421")).as(route.path()).isEqualTo(route.secret());
      assertThat(responses.has("403")).as(route.path()).isEqualTo(route.secret() && post);
    }
  }

  @Test
  void refersToNothingThatIsMissing() {
    for (String reference : DOCUMENT.findValuesAsText("$ref")) {
      assertThat(DOCUMENT.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
  }
}
