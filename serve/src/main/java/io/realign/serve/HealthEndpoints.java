package io.realign.serve;

import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** Whether the process lives, and whether it takes requests. */
final class HealthEndpoints {

  private HealthEndpoints() {}

  /** Answers as long as the process does. */
  static Endpoint live() {
    return exchange -> {
      exchange.only(Set.of());
      return Answer.json(Map.of("status", "up"));
    };
  }

  /** 503 as soon as the service shuts down. */
  static Endpoint ready(BooleanSupplier draining) {
    return exchange -> {
      exchange.only(Set.of());
      if (draining.getAsBoolean()) {
        throw Problem.overloaded("the service is shutting down", 1);
      }
      return Answer.json(Map.of("status", "ready"));
    };
  }
}
