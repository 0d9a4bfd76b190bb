package io.realign.bench;

import java.util.List;
import java.util.Map;

/**
 * What {@code bench --published} measured, as it is written to the JSON file.
 *
 * @param machine the processor and its memory
 * @param versions of Realign, Java, libtorch
 * @param commit of the code
 * @param seed of all draws
 * @param cores that the work was spread over
 * @param loadBefore processes that ran or waited, the minute before; −1 where unknown
 * @param convPeak the yardstick
 * @param steps one for each net
 */
record PublishedReport(
    String machine,
    Map<String, String> versions,
    String commit,
    long seed,
    int cores,
    double loadBefore,
    ConvPeak convPeak,
    List<PublishedStep> steps) {

  /** The smaller first: memory that one gave back would count for the next. */
  static final List<Case> CASES =
      List.of(new Case("ssd300-vgg16", 300, 256), new Case("pspnet-resnet50", 425, 512));

  /**
   * A net of the paper.
   *
   * @param architecture its name
   * @param side of its images
   * @param generatorSide of G's
   */
  record Case(String architecture, int side, int generatorSide) {}

  /** All of it, indented. */
  String json() {
    return BenchReport.json(this);
  }
}
