package io.realign.data;

import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A dataset whose images are kept in memory once they were asked for: for images that cost time to
 * draw or to decode. Takes 3·H·W bytes an image, 4·H·W with masks.
 */
public final class Cached implements Dataset {

  private final Dataset source;
  private final AtomicReferenceArray<@Nullable Sample> samples;

  /** Keeps the images of {@code source}. */
  public Cached(Dataset source) {
    this.source = source;
    this.samples = new AtomicReferenceArray<>(source.size());
  }

  @Override
  public String name() {
    return source.name();
  }

  @Override
  public List<String> classes() {
    return source.classes();
  }

  @Override
  public List<String> maskClasses() {
    return source.maskClasses();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public int imageSize() {
    return source.imageSize();
  }

  @Override
  public Sample get(int index) {
    Sample kept = samples.get(index);
    if (kept != null) {
      return kept;
    }
    Sample sample = source.get(index); // two threads may both do this, with the same result
    samples.set(index, sample);
    return sample;
  }

  /** {@inheritDoc} Not kept: originals may be of any size. */
  @Override
  public Sample original(int index) {
    return source.original(index);
  }

  @Override
  public List<String> notes() {
    return source.notes();
  }
}
