package io.realign.cli;

import io.realign.data.Cached;
import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Part;
import io.realign.torch.Seed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
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
      description = {
        "The folder that holds cifar-10-batches-bin/ and so on;",
        "for 'folder' the image folder itself. Scenes need none."
      })
  private @Nullable Path folder;

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

  Optional<Path> folder() {
    return Optional.ofNullable(folder);
  }

  /**
   * Opens a part, and tells {@code err} what is peculiar about the training images. {@code val} is
   * what it is for other commands, whatever the seed of the run.
   *
   * @param imageSize height and width, 0 for the dataset's own
   */
  Dataset open(Part part, int imageSize, PrintWriter err) {
    Dataset data =
        Datasets.open(
            name,
            Optional.ofNullable(folder),
            part,
            new Datasets.Options(imageSize, Datasets.Options.standard().validation(), Seed.of(0)));
    if (part == Part.TRAIN) {
      data.notes().forEach(note -> err.println("note: " + note));
      err.flush();
    }
    long bytes = 4L * data.size() * data.imageSize() * data.imageSize();
    return bytes <= CACHE_BYTES ? new Cached(data) : data;
  }
}
