package io.realign.serve;

import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Whether the process lives, and whether it takes requests. */
final class HealthEndpoints {

  private HealthEndpoints() {}

  /** 503 where the process cannot do its work again. */
  static Endpoint live(Batcher batcher) {
    return exchange -> {
      exchange.only(Set.of());
      checkWorks(batcher);
      return Answer.json(Map.of("status", "up"));
    };
  }

  /** 503 there, and as soon as the service shuts down. */
  static Endpoint ready(Batcher batcher, BooleanSupplier draining) {
    return exchange -> {
      exchange.only(Set.of());
      checkWorks(batcher);
      if (draining.getAsBoolean()) {
        throw Problem.overloaded("the service is shutting down", 1);
      }
      return Answer.json(Map.of("status", "ready"));
    };
  }

  private static void checkWorks(Batcher batcher) {
    if (!batcher.works()) {
      throw Problem.of(
          HttpStatus.SERVICE_UNAVAILABLE,
          "a thread that runs nets has ended: the service must be started anew");
    }
  }
}
