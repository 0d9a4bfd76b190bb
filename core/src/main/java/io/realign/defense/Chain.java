package io.realign.defense;

import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/**
 * Purifiers one after the other.
 *
 * @param purifiers at least one, the first sees the image first
 */
public record Chain(List<Purifier> purifiers) implements Purifier {

  /** What stands between the names of two. */
  public static final String THEN = " then ";

  /** Copies the list. */
  public Chain {
    purifiers = List.copyOf(purifiers);
    if (purifiers.isEmpty()) {
      throw new IllegalArgumentException("a chain needs a purifier");
    }
  }

  @Override
  public String name() {
    return purifiers.stream().map(Purifier::name).collect(Collectors.joining(THEN));
  }

  @Override
  public boolean randomised() {
    return purifiers.stream().anyMatch(Purifier::randomised);
  }

  @Override
  public Purifier drawn(Seed draws) {
    if (!randomised()) {
      return this;
    }
    List<Purifier> drawn = new ArrayList<>();
    for (int i = 0; i < purifiers.size(); i++) {
      drawn.add(purifiers.get(i).drawn(draws.child(i)));
    }
    return new Chain(drawn);
  }

  @Override
  public Tensor purify(Tensor images) {
    Tensor repaired = images;
    for (Purifier purifier : purifiers) {
      repaired = purifier.purify(repaired);
    }
    return repaired;
  }
}
