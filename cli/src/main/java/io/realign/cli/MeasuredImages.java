package io.realign.cli;

import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Part;
import io.realign.data.Subset;
import io.realign.io.InputException;
import io.realign.target.Target;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which images a command measures on, as its options. */
final class MeasuredImages {

  @Option(
      names = "--data",
      paramLabel = "NAME",
      completionCandidates = DataOptions.Names.class,
      description = "Data set: ${COMPLETION-CANDIDATES}.")
  private @Nullable String name;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description =
          "The folder that holds it; for your own images their folder. scenes needs none.")
  private @Nullable Path dataDir;

  @Option(
      names = "--split",
      paramLabel = "PART",
      defaultValue = "test",
      description = "test, val or train; default: ${DEFAULT-VALUE}.")
  private String split = "test";

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N images.")
  private @Nullable Integer limit;

  /** Whether a data set is named. */
  boolean isGiven() {
    return name != null;
  }

  /**
   * The data set's name.
   *
   * @throws InputException if none is named
   */
  String name() {
    if (name == null) {
      throw new InputException("which images? give --data NAME");
    }
    return name;
  }

  /** The word of the part. */
  String split() {
    return Part.of(split).word();
  }

  /**
   * Opens the images.
   *
   * @param target what they are for: image size and kind of labels
   * @throws InputException for whatever of it is missing, unknown or broken
   */
  Dataset open(Target target) {
    String wanted = name();
    if (limit != null && limit < 1) {
      throw new InputException("--limit must be at least 1, not " + limit);
    }
    Dataset whole =
        Datasets.open(
            wanted,
            Optional.ofNullable(dataDir),
            Part.of(split),
            Datasets.Options.standard()
                .sized(target.imageSize())
                .labelled(target.task().labelling()));
    return limit == null ? whole : Subset.first(whole, limit);
  }
}
