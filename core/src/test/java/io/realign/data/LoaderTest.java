package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoaderTest {

  private static final Seed SEED = Seed.of(7);

  /** 53 images of 8×8; pixel k of image i is (i + k) mod 256. */
  private record Ramps(int broken) implements Dataset {
    @Override
    public String name() {
      return "ramps";
    }

    @Override
    public List<String> classes() {
      return List.of("even", "odd");
    }

    @Override
    public int size() {
      return 53;
    }

    @Override
    public int imageSize() {
      return 8;
    }

    @Override
    public Sample get(int index) {
      if (index == broken) {
        throw new InputException("image " + index + " is broken");
      }
      byte[] rgb = new byte[3 * 8 * 8];
      for (int k = 0; k < rgb.length; k++) {
        rgb[k] = (byte) (index + k);
      }
      return new Sample(new Pixels(8, 8, rgb), Annotation.ofClass(index % 2));
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // compared field by field
  private record Seen(int[] indices, float[] images) {}

  private static List<Seen> read(Batches batches) {
    List<Seen> seen = new ArrayList<>();
    try (batches) {
      while (batches.hasNext()) {
        try (Scope scope = Scope.open()) {
          Batch batch = batches.next();
          seen.add(new Seen(batch.indices(), Ops.toFloats(batch.images())));
        }
      }
    }
    return seen;
  }

  private static void assertSame(List<Seen> actual, List<Seen> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).indices()).isEqualTo(expected.get(i).indices());
      assertThat(actual.get(i).images()).isEqualTo(expected.get(i).images());
    }
  }

  private static Loader loader(Loader.Options options) {
    return new Loader(new Ramps(-1), options, SEED);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void givesTheSameBatchesOnAnyNumberOfThreads(int threads) {
    Loader.Options options = Loader.Options.training(5);

    assertSame(read(loader(options.onThreads(threads)).epoch(3)), read(loader(options).epoch(3)));
  }

  @Test
  void resumesWithinAnEpochAsIfNothingHappened() {
    Loader loader = loader(Loader.Options.training(5));
    List<Seen> whole = read(loader.epoch(2));

    assertSame(read(loader.epoch(2, 4)), whole.subList(4, whole.size()));
    assertThat(read(loader.epoch(2, loader.batches()))).isEmpty();
  }

  @Test
  void givesEachImageOncePerEpochInAnotherOrderEachTime() {
    Loader loader = loader(new Loader.Options(8, true, false, Augmentation.none(), 2, 3));
    int[] first = indices(read(loader.epoch(0)));
    int[] second = indices(read(loader.epoch(1)));

    assertThat(first).hasSize(53).isNotEqualTo(second);
    assertThat(first[0] == 0 && first[1] == 1).isFalse();
    assertThat(Arrays.stream(first).sorted()).containsExactlyElementsOf(upTo(53));
    assertThat(Arrays.stream(second).sorted()).containsExactlyElementsOf(upTo(53));
  }

  @Test
  void readsByIndexForEvaluation() {
    List<Seen> seen = read(loader(Loader.Options.evaluation(10)).epoch(0));

    assertThat(indices(seen)).containsExactly(IntStream.range(0, 53).toArray());
    assertThat(seen.getLast().indices()).hasSize(3);
    assertThat(seen.get(1).images()[0]).isEqualTo(10 / 255f);
    assertThat(seen.get(1).images()[191]).isEqualTo(201 / 255f);
  }

  @Test
  void leavesOutASmallerLastBatchWhenAsked() {
    Loader loader = loader(Loader.Options.training(10));

    assertThat(loader.batches()).isEqualTo(5);
    assertThat(read(loader.epoch(0))).hasSize(5);
    assertThatThrownBy(() -> loader(Loader.Options.training(54)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ramps has 53 images, too few for a batch of 54");
  }

  @Test
  void passesOnWhatWentWrongWhileDecoding() {
    Loader loader = new Loader(new Ramps(30), Loader.Options.evaluation(10).onThreads(2), SEED);

    try (Batches batches = loader.epoch(0)) {
      for (int i = 0; i < 3; i++) {
        batches.next();
      }
      assertThatThrownBy(batches::next)
          .isInstanceOf(InputException.class)
          .hasMessage("image 30 is broken");
    }
  }

  @Test
  void leavesNoThreadBehindWhenClosedEarly() throws InterruptedException {
    for (int i = 0; i < 20; i++) {
      try (Batches batches = loader(Loader.Options.training(2).onThreads(3)).epoch(i)) {
        batches.next();
      }
    }
    long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (loaderThreads() > 0 && System.nanoTime() < deadline) {
      Thread.sleep(5);
    }
    assertThat(loaderThreads()).isZero();
  }

  private static long loaderThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("loader-"))
        .count();
  }

  private static int[] indices(List<Seen> seen) {
    return seen.stream().flatMapToInt(s -> Arrays.stream(s.indices())).toArray();
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }
}
