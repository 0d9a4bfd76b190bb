package io.realign.align;

import io.realign.target.PyramidTrunk;
import java.util.List;
import java.util.stream.Stream;

/** One small generator of each kind, for properties that all must have. */
public final class SmallGenerators {

  private static final List<Double> HALVES = List.of(.5, .5, .5);

  private SmallGenerators() {}

  /** All of them. */
  public static Stream<GeneratorConfig> all() {
    return Stream.of(
        compact(1),
        compact(2),
        compact(4),
        new PyramidGenerator.Config(PyramidTrunk.Kind.DEEPLAB_MOBILENET, 4, 1, .1, HALVES, HALVES),
        new PyramidGenerator.Config(PyramidTrunk.Kind.SSD_MOBILENET, 4, 1, .1, HALVES, HALVES),
        new GlobalGenerator.Config(4, 2, 1),
        new GlobalGenerator.Config(4, 1, 1, 32));
  }

  /** One that takes squares of {@code patch²} pixels as a place. */
  public static CompactGenerator.Config compact(int patch) {
    return new CompactGenerator.Config(patch, 4, 1, 1, 1, .1, HALVES, HALVES);
  }
}
