package io.realign.attack;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** An attack of many small steps. */
interface Iterated extends Attack {

  double stepSize();

  int steps();

  int restarts();

  @Override
  default Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("norm", norm().name().toLowerCase(Locale.ROOT));
    values.put("epsilon", epsilon());
    values.put("step_size", stepSize());
    values.put("steps", steps());
    values.put("restarts", restarts());
    return values;
  }
}
