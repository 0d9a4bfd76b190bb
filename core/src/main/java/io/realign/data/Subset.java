package io.realign.data;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/** Some of the images of a dataset, in an order of their own. */
public final class Subset implements Dataset {

  private final Dataset whole;
  private final int[] indices;

  /**
   * The images {@code indices} of {@code whole}.
   *
   * @throws IndexOutOfBoundsException for an index that the dataset lacks
   */
  public Subset(Dataset whole, int... indices) {
    for (int index : indices) {
      Objects.checkIndex(index, whole.size());
    }
    this.whole = whole;
    this.indices = indices.clone();
  }

  /** The first {@code n} images of {@code whole}, or all if it has fewer; n ≥ 1. */
  public static Dataset first(Dataset whole, int n) {
    if (n < 1) {
      throw new IllegalArgumentException("the number of images must be at least 1, not " + n);
    }
    return n >= whole.size() ? whole : new Subset(whole, IntStream.range(0, n).toArray());
  }

  /** The first {@code n} of these images, or all if there are fewer; n ≥ 1. */
  public Dataset first(int n) {
    return first(this, n);
  }

  /** The place of each image in the whole. */
  public int[] indices() {
    return indices.clone();
  }

  @Override
  public String name() {
    return whole.name();
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public List<String> maskClasses() {
    return whole.maskClasses();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public int imageSize() {
    return whole.imageSize();
  }

  @Override
  public Sample get(int index) {
    return whole.get(indices[index]);
  }

  @Override
  public Sample original(int index) {
    return whole.original(indices[index]);
  }

  @Override
  public List<String> problems(int index) {
    return whole.problems(indices[index]);
  }

  @Override
  public List<String> notes() {
    return whole.notes();
  }

  @Override
  public boolean inMemory() {
    return whole.inMemory();
  }
}
