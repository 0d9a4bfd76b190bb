package io.realign.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** What the service serves; {@code openapi.yaml} describes each of them. */
final class Routes {

  private static final String MODEL = "/v1/models/{" + Exchange.MODEL + "}";

  private Routes() {}

  /**
   * All of them.
   *
   * @param draining whether the service shuts down
   */
  static List<Route> of(House house, BooleanSupplier draining) {
    OpenApi description = new OpenApi(house.limits().batchImages(), house.config().playground());
    List<Route> routes = new ArrayList<>(health(house, draining));
    routes.add(Route.open("/openapi.yaml", description.asYaml()));
    routes.add(Route.open("/openapi.json", description.asJson()));
    routes.add(Route.get("/v1/models", Routes::models));
    routes.add(Route.get(MODEL, Routes::model));
    routes.add(Route.post(MODEL + "/purify", new PurifyEndpoint()));
    routes.add(Route.post(MODEL + "/predict", new PredictEndpoint()));
    routes.add(Route.post(MODEL + "/batch/purify", BatchEndpoint.purify()));
    routes.add(Route.post(MODEL + "/batch/predict", BatchEndpoint.predict()));
    if (house.config().playground()) {
      Playground playground = new Playground(house.limits().attackSteps());
      routes.add(Route.open("/", Page.file("playground.html", "text/html; charset=utf-8")));
      routes.add(Route.open("/playground.css", Page.file("playground.css", "text/css")));
      routes.add(Route.open("/playground.js", Page.file("playground.js", "text/javascript")));
      routes.add(Route.open("/playground.svg", Page.file("playground.svg", "image/svg+xml")));
      routes.add(Route.post(MODEL + "/attack", new AttackEndpoint(playground)));
      routes.add(Route.get(MODEL + "/curves", new CurvesEndpoint()));
    }
    return routes;
  }

  /** What tells how the service is. */
  static List<Route> health(House house, BooleanSupplier draining) {
    return List.of(
        Route.open("/health/live", HealthEndpoints.live(house.batcher())),
        Route.open("/health/ready", HealthEndpoints.ready(house.batcher(), draining)),
        Route.get(
            "/metrics",
            exchange -> Answer.bytes(Metrics.CONTENT_TYPE, exchange.house().metrics().text())));
  }

  private static Answer models(Exchange exchange) {
    exchange.only(Set.of());
    return Answer.json(
        Map.of(
            "models",
            exchange.house().models().stream()
                .map(model -> ModelView.of(model, exchange.house().config()))
                .toList()));
  }

  private static Answer model(Exchange exchange) {
    exchange.only(Set.of());
    return Answer.json(ModelView.of(exchange.model(), exchange.house().config()));
  }
}
