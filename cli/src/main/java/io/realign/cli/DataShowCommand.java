package io.realign.cli;

import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Labelling;
import io.realign.data.Part;
import io.realign.data.Sample;
import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.report.Legend;
import io.realign.report.Overlay;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign data show}: images of a dataset with what is known about them. */
@Command(
    name = "show",
    description = "Writes the first images of a data set as a PNG, with masks or boxes.",
    footer = {
      "",
      "Example: realign data show scenes --count 64 --out scenes.png",
      "         realign data show voc2012 --data-dir DIR --labels boxes --out voc.png"
    })
final class DataShowCommand implements Runnable {

  private static final int MOST_SHOWN = 1024;

  @Spec private CommandSpec spec;

  @Mixin private final NamedData data = new NamedData();

  @Option(
      names = "--labels",
      paramLabel = "KIND",
      description =
          "classes, masks or boxes; default: what it has, of masks and boxes masks, "
              + "of scenes classes.")
  private @Nullable Labelling labels;

  @Option(
      names = "--split",
      paramLabel = "PART",
      defaultValue = "test",
      description = "test, val or train; default: ${DEFAULT-VALUE}.")
  private String split = "test";

  @Option(
      names = "--image-size",
      paramLabel = "PIXELS",
      defaultValue = "0",
      description = "Height and width; default: the data set's own.")
  private int imageSize;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "64",
      description = "How many; default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The PNG file; replaced if it is there.")
  private Path file = Path.of("");

  @Override
  public void run() {
    if (count < 1 || count > MOST_SHOWN) {
      throw new InputException("--count must be 1 to " + MOST_SHOWN + ", not " + count);
    }
    Labelling labelling =
        Optional.ofNullable(labels).orElseGet(() -> Datasets.labellings(data.name()).getFirst());
    Datasets.Options options = Datasets.Options.standard().sized(imageSize).labelled(labelling);
    Dataset images = Datasets.open(data.name(), data.folder(), Part.of(split), options);
    PrintWriter err = spec.commandLine().getErr();
    images.notes().forEach(note -> err.println("note: " + note));
    int shown = Math.min(count, images.size());
    ClassCounts counts = new ClassCounts(images, labelling);
    Images.writePng(file, sheet(images, labelling, shown, counts));
    PrintWriter out = spec.commandLine().getOut();
    out.println(file + ": " + shown + " of " + images.size() + " images");
    counts.lines().forEach(line -> out.println("  " + line));
  }

  private static Pixels sheet(Dataset data, Labelling labelling, int shown, ClassCounts counts) {
    Optional<ContactSheet> begun = Optional.empty();
    for (int i = 0; i < shown; i++) {
      Sample sample = data.get(i);
      counts.add(sample.annotation());
      Pixels drawn = Overlay.of(sample, labelling, data);
      ContactSheet sheet = begun.orElseGet(() -> new ContactSheet(shown, drawn.width()));
      sheet.add(drawn);
      begun = Optional.of(sheet);
    }
    ContactSheet sheet = begun.orElseThrow();
    if (labelling == Labelling.MASKS) {
      sheet.addBelow(Legend.of(counts.seen(), sheet.width()));
    }
    return sheet.pixels();
  }
}
