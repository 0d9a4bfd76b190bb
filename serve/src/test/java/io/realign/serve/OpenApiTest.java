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

  private static final int IMAGES = Limits.standard().batchImages();
  private static final JsonNode DOCUMENT = new OpenApi(IMAGES, true).tree();
  private static final JsonNode WITHOUT_PLAYGROUND = new OpenApi(IMAGES, false).tree();

  private static List<Route> routes() {
    return routes(true);
  }

  private static List<Route> routes(boolean playground) {
    ServiceConfig config =
        new ServiceConfig(
            "127.0.0.1", 0, Optional.empty(), Limits.standard(), Batching.standard(1), playground);
    try (House house =
        new House(config, List.of(TestModels.defenseAlone()), Throwable::printStackTrace)) {
      return Routes.of(house, () -> false);
    }
  }

  private static Set<String> described(JsonNode document) {
    Set<String> described = new HashSet<>();
    document
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
    return described;
  }

  @Test
  void describesEachRouteAndNoOther() {
    assertThat(routes(true))
        .extracting(route -> route.method() + " " + route.path())
        .containsExactlyInAnyOrderElementsOf(described(DOCUMENT));
    assertThat(routes(false))
        .extracting(route -> route.method() + " " + route.path())
        .containsExactlyInAnyOrderElementsOf(described(WITHOUT_PLAYGROUND));
  }

  @Test
  void saysNothingOfAPlaygroundThatIsLeftOut() {
    assertThat(DOCUMENT.toString()).contains("playground");
    assertThat(WITHOUT_PLAYGROUND.toString()).doesNotContain("playground");
    assertThat(WITHOUT_PLAYGROUND.path("components").path("schemas").has("Judged")).isFalse();
    assertThat(WITHOUT_PLAYGROUND.path("components").path("responses"))
        .isEqualTo(DOCUMENT.path("components").path("responses"));
  }

  @Test
  void saysHowManyImagesARequestMayHold() {
    JsonNode images = new OpenApi(7, true).tree().path("components").path("schemas").path("Images");
    assertThat(images.path("maxItems").isInt()).isTrue();
    assertThat(images.path("maxItems").intValue()).isEqualTo(7);
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
    for (JsonNode document : List.of(DOCUMENT, WITHOUT_PLAYGROUND)) {
      for (String reference : document.findValuesAsText("$ref")) {
        assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
      }
    }
  }
}
