package io.realign.bench;

import io.realign.data.Annotation;
import io.realign.data.Dataset;
import io.realign.data.Sample;
import io.realign.io.Pixels;
import io.realign.torch.Seed;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Noise with random labels, in the shape of CIFAR-10, for whoever has no data at hand. */
record RandomImages(int size, Seed seed) implements Dataset {

  private static final int SIDE = 32;
  private static final int CLASSES = 10;

  @Override
  public String name() {
    return "random";
  }

  @Override
  public List<String> classes() {
    return IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
  }

  @Override
  public int imageSize() {
    return SIDE;
  }

  @Override
  public Sample get(int index) {
    SplittableRandom random = seed.child(index).random();
    byte[] rgb = new byte[3 * SIDE * SIDE];
    random.nextBytes(rgb);
    return new Sample(new Pixels(SIDE, SIDE, rgb), Annotation.ofClass(random.nextInt(CLASSES)));
  }
}
