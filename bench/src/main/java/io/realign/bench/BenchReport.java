package io.realign.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.realign.align.GeneratorConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything one run measured, as it is written to the JSON file.
 *
 * @param machine the processor and its memory
 * @param versions of Realign, Java, libtorch
 * @param commit of the code
 * @param seed of all draws
 * @param cores that the work was spread over
 * @param precision of the defense's training
 * @param loadBefore processes that ran or waited, the minute before; −1 where unknown
 * @param plan how much was measured
 * @param convPeak the yardstick
 * @param wide the wide net; null where it was left out
 * @param defense the defense's training
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record BenchReport(
    String machine,
    Map<String, String> versions,
    String commit,
    long seed,
    int cores,
    String precision,
    double loadBefore,
    Plan plan,
    ConvPeak convPeak,
    @Nullable WideNet wide,
    Defense defense) {

  /** The load above which other jobs are at work. */
  static final double QUIET = .5;

  /**
   * The training of a defense.
   *
   * @param given files used, or what stood in for them
   * @param generator sizes of G
   * @param multiplyAdds an image of the step
   * @param gigaflops GF/s at the median speed
   * @param ofPeak that over the conv peak
   * @param speed images/s and memory of the whole trainer
   * @param parts seconds a step by part
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Defense(
      Map<String, String> given,
      GeneratorConfig generator,
      StepCost multiplyAdds,
      double gigaflops,
      double ofPeak,
      DefenseSpeed speed,
      Map<StepParts.Part, Spread> parts) {}

  /** Whether other processes may have slowed the measurements down. */
  @JsonProperty
  boolean otherJobs() {
    return loadBefore > QUIET;
  }

  /** All of it, indented. */
  String json() {
    return json(this);
  }

  static String json(Object report) {
    try {
      return JsonMapper.builder()
              .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsString(report)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report that cannot be written", e);
    }
  }
}
