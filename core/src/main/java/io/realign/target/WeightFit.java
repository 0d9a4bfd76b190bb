package io.realign.target;

import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/**
 * How well weights fit an architecture.
 *
 * @param architecture the kind of net
 * @param fitting tensors of the net that the weights have, in name and shape
 * @param needed tensors of the net
 * @param extra tensors of the file that the net has not
 */
public record WeightFit(Architecture architecture, int fitting, int needed, int extra) {

  private static final String COMPACT_SSD = "ssd-compact-";
  private static final List<String> SSD_SIDES = List.of("64", "128", "192", "256", "320");

  /** Whether the net can be loaded from the weights. */
  public boolean fits() {
    return fitting == needed && extra == 0;
  }

  private double share() {
    return (double) fitting / Math.max(1, Math.max(needed, fitting + extra));
  }

  /**
   * The architectures that have most in common with {@code weights}; the best first, and of equals
   * the one that the metadata name. Several fit where shapes do not tell them apart.
   *
   * @param metadata of the weight file
   */
  public static List<WeightFit> of(StateDict weights, Map<String, String> metadata) {
    StateDict plain = Targets.withoutLeftovers(weights);
    Stream<String> named = Stream.ofNullable(metadata.get(Targets.ARCHITECTURE));
    return Stream.concat(named, candidates(plain, metadata))
        .distinct()
        .filter(Architectures::knows)
        .flatMap(name -> measured(Architectures.of(name), plain).stream())
        .filter(fit -> fit.fitting > 0)
        .sorted(Comparator.comparingDouble(WeightFit::share).reversed())
        .toList();
  }

  private static Stream<String> candidates(StateDict weights, Map<String, String> metadata) {
    Stream<String> fixed =
        Architectures.names().stream().filter(name -> !name.matches(".*-[DKS](-.*)?|.*resnetD"));
    int basic = blocks(weights, "layer1.");
    int wide = blocks(weights, "block1.layer.");
    Stream<String> deep = basic > 0 ? Stream.of("cifar-resnet" + (6 * basic + 2)) : Stream.of();
    String first = "block1.layer.0.conv1.weight";
    Stream<String> broad =
        wide > 0 && weights.has(first) && weights.get(first).dim() == 4
            ? Stream.of("wrn-%d-%d".formatted(6 * wide + 4, weights.get(first).size(0) / 16))
            : Stream.of();
    Stream<String> compact =
        weights.names().stream().anyMatch(name -> name.contains("head"))
            ? sides(metadata).stream().map(side -> COMPACT_SSD + side)
            : Stream.of();
    return Stream.of(deep, broad, fixed, compact).flatMap(each -> each);
  }

  /** That of the metadata, where it is one. */
  private static List<String> sides(Map<String, String> metadata) {
    String side = metadata.getOrDefault(Targets.IMAGE_SIZE, "");
    return Architectures.knows(COMPACT_SSD + side) ? List.of(side) : SSD_SIDES;
  }

  private static int blocks(StateDict weights, String prefix) {
    return IntStream.range(0, 200)
        .filter(i -> weights.names().stream().noneMatch(n -> n.startsWith(prefix + i + ".")))
        .findFirst()
        .orElse(0);
  }

  private static Optional<WeightFit> measured(Architecture architecture, StateDict weights) {
    try (Scope scope = Scope.open()) {
      StateDict named = architecture.naming().apply(weights);
      Params params = Params.blankFor(named, architecture.name(), Compute.CPU);
      architecture.body().build(params, architecture.classesOf(named));
      StateDict net = params.dict();
      int fitting = 0;
      for (var entry : net.entries()) {
        fitting += same(entry.getValue(), named, entry.getKey()) ? 1 : 0;
      }
      int extra = (int) named.names().stream().filter(each -> !net.has(each)).count();
      return Optional.of(new WeightFit(architecture, fitting, net.names().size(), extra));
    } catch (IllegalArgumentException e) { // far larger, or two names that become one
      return Optional.empty();
    }
  }

  private static boolean same(Tensor mine, StateDict there, String name) {
    return there.has(name) && Arrays.equals(Ops.shape(mine), Ops.shape(there.get(name)));
  }
}
