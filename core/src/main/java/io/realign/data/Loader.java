package io.realign.data;

import io.realign.torch.Seed;
import java.util.SplittableRandom;

/**
 * A dataset in batches, decoded ahead on other threads.
 *
 * <p>The order and the content of each batch are a function of the seed and the epoch: neither the
 * threads nor where the reading began changes them, so a resumed run sees what an undisturbed one
 * does.
 *
 * <pre>{@code
 * Loader loader = new Loader(dataset, Loader.Options.training(64), seed.child("data"));
 * try (Batches batches = loader.epoch(epoch)) {
 *   while (batches.hasNext()) {
 *     try (Scope scope = Scope.open()) {
 *       Batch batch = batches.next(); // its tensor dies with the scope
 *     }
 *   }
 * }
 * }</pre>
 */
public final class Loader {

  /**
   * How batches are made.
   *
   * @param batchSize images a batch, ≥ 1
   * @param shuffle whether each epoch has an order of its own; otherwise by index
   * @param dropLast whether a last, smaller batch is left out
   * @param augmentation what is done to each image
   * @param threads threads that decode, ≥ 1
   * @param ahead batches made before they are asked for, ≥ 1
   */
  public record Options(
      int batchSize,
      boolean shuffle,
      boolean dropLast,
      Augmentation augmentation,
      int threads,
      int ahead) {

    private static final int SMALL = 64;

    /** Checks the numbers. */
    public Options {
      if (batchSize < 1 || threads < 1 || ahead < 1) {
        throw new IllegalArgumentException(
            "batch size, threads and batches ahead must be at least 1: %d, %d, %d"
                .formatted(batchSize, threads, ahead));
      }
    }

    /** Shuffled, cropped and flipped, without a smaller last batch; one thread, two ahead. */
    public static Options training(int batchSize) {
      return new Options(batchSize, true, true, Augmentation.cropFlip(), 1, 2);
    }

    /** As many images a batch as fit well into memory: 100 of up to 64 pixels a side, else 10. */
    public static int batchSize(int imageSize) {
      return imageSize <= SMALL ? 100 : 10;
    }

    /** Every image once, by index, as it is; one thread, two ahead. */
    public static Options evaluation(int batchSize) {
      return new Options(batchSize, false, false, Augmentation.none(), 1, 2);
    }

    /** These with another augmentation. */
    public Options augmented(Augmentation other) {
      return new Options(batchSize, shuffle, dropLast, other, threads, ahead);
    }

    /** These with {@code other} threads and at least as many batches ahead. */
    public Options onThreads(int other) {
      return new Options(batchSize, shuffle, dropLast, augmentation, other, Math.max(ahead, other));
    }
  }

  private final Dataset dataset;
  private final Options options;
  private final Seed seed;

  /**
   * Batches of {@code dataset}.
   *
   * @param seed the source of the order and of the augmentations
   * @throws IllegalArgumentException when there is no whole batch and a smaller one is left out
   */
  public Loader(Dataset dataset, Options options, Seed seed) {
    this.dataset = dataset;
    this.options = options;
    this.seed = seed;
    if (batches() < 1) {
      throw new IllegalArgumentException(
          "%s has %d images, too few for a batch of %d"
              .formatted(dataset.name(), dataset.size(), options.batchSize()));
    }
  }

  /** The dataset. */
  public Dataset dataset() {
    return dataset;
  }

  /** The options. */
  public Options options() {
    return options;
  }

  /** Batches an epoch. */
  public int batches() {
    int whole = dataset.size() / options.batchSize();
    return options.dropLast() || dataset.size() % options.batchSize() == 0 ? whole : whole + 1;
  }

  /** All batches of an epoch, 0-based. */
  public Batches epoch(long epoch) {
    return epoch(epoch, 0);
  }

  /**
   * The batches of an epoch from {@code fromBatch} on, the same as without that start.
   *
   * @param fromBatch 0 ≤ fromBatch ≤ {@link #batches()}
   */
  public Batches epoch(long epoch, int fromBatch) {
    if (fromBatch < 0 || fromBatch > batches()) {
      throw new IllegalArgumentException(
          "batch %d of an epoch of %d".formatted(fromBatch, batches()));
    }
    return new Batches(
        dataset,
        options,
        order(epoch),
        seed.child("augmentation").child(epoch),
        fromBatch,
        batches());
  }

  /** The index at each position of an epoch. */
  private int[] order(long epoch) {
    int[] order = new int[dataset.size()];
    SplittableRandom random = seed.child("order").child(epoch).random();
    for (int i = 0; i < order.length; i++) { // Fisher–Yates, inside out
      int j = options.shuffle() ? random.nextInt(i + 1) : i;
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
