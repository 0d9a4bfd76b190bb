package io.realign.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code bench --serve} measured, as it is written to the JSON file.
 *
 * @param machine the processor and its memory
 * @param versions of Realign, Java, libtorch
 * @param commit of the code
 * @param cores that are there
 * @param loadBefore processes that ran or waited, the minute before; −1 where unknown
 * @param defense the generator
 * @param side of the images
 * @param bareImagesPerSecond of the generator without a service, in full batches on as many
 *     threads; null for a service that runs elsewhere
 * @param dynamic the service with dynamic batching, or the one that runs elsewhere
 * @param batchOfOne the same with batches of one image; null for a service that runs elsewhere
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ServeReport(
    String machine,
    Map<String, String> versions,
    String commit,
    int cores,
    double loadBefore,
    String defense,
    int side,
    @Nullable Double bareImagesPerSecond,
    LoadFigures dynamic,
    @Nullable LoadFigures batchOfOne) {

  /** Throughput over that of batches of one image. */
  @JsonProperty
  @Nullable Double overBatchOfOne() {
    return batchOfOne == null ? null : dynamic.imagesPerSecond() / batchOfOne.imagesPerSecond();
  }

  /** Throughput over that of the bare generator, with codecs and the driver on the same cores. */
  @JsonProperty
  @Nullable Double ofBare() {
    return bareImagesPerSecond == null ? null : dynamic.imagesPerSecond() / bareImagesPerSecond;
  }

  /** All of it, indented. */
  String json() {
    return BenchReport.json(this);
  }
}
