package io.realign.cli;

import io.realign.data.Cached;
import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Labelling;
import io.realign.data.RepeatFactor;
import io.realign.torch.Seed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a net is trained on, as its options. */
final class DataOptions {

  private static final long CACHE_BYTES = 256L << 20;

  @Option(
      names = "--data",
      paramLabel = "NAME",
      required = true,
      completionCandidates = Names.class,
      description = "The dataset: ${COMPLETION-CANDIDATES}.")
  private String name = "";

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "The folder that holds cifar-10-batches-bin/ and so on; "
              + "for your own images their folder. Scenes need none.")
  private @Nullable Path folder;

  @Option(
      names = "--repeat-below",
      paramLabel = "SHARE",
      defaultValue = "0",
      description =
          "Repeats images with a class that fewer than this share of the images show, "
              + "as often as the root of SHARE by the class's own; .1, say, where "
              + "classes are rare. Default: 0, every image once a pass.")
  private double repeatBelow;

  /** The names that may be given. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Datasets.names().iterator();
    }
  }

  String name() {
    return name;
  }

  /** The share below which a class is rare; see {@link RepeatFactor}. */
  double repeatBelow() {
    return repeatBelow;
  }

  Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }

  /**
   * Opens the images to train on and those that judge, and tells {@code err} what is peculiar about
   * them. {@code val} is what it is for other commands, whatever the seed of the run.
   *
   * @param imageSize height and width, 0 for the dataset's own
   */
  Datasets.Training training(int imageSize, Labelling labelling, PrintWriter err) {
    Datasets.Training data =
        Datasets.training(
            name,
            Optional.ofNullable(folder),
            Datasets.Options.standard().sized(imageSize).labelled(labelling));
    Stream.concat(data.train().notes().stream(), data.val().notes().stream())
        .distinct()
        .forEach(note -> err.println("note: " + note));
    err.flush();
    return new Datasets.Training(cached(data.train()), cached(data.val()));
  }

  /** {@code train} with the images of rare classes repeated; says how many there are then. */
  static Dataset repeated(double share, Dataset train, long seed, PrintWriter err) {
    if (share == 0) {
      return train;
    }
    err.printf("looking for rare classes in %d images%n", train.size());
    err.flush();
    Dataset repeated = RepeatFactor.below(share, train, Seed.of(seed));
    err.printf("%d images a pass with those of rare classes repeated%n", repeated.size());
    err.flush();
    return repeated;
  }

  private static Dataset cached(Dataset data) {
    long bytes = 4L * data.size() * data.imageSize() * data.imageSize();
    return data.inMemory() || bytes > CACHE_BYTES ? data : new Cached(data);
  }
}
