package io.realign.cli;

import io.realign.align.DefenseFile;
import io.realign.align.GeneratorPurifier;
import io.realign.align.PixelPurifier;
import io.realign.io.AtomicFile;
import io.realign.io.ImageDecoder;
import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import io.realign.torch.Compute;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code realign purify}: repairs image files with a trained defense. */
@Command(
    name = "purify",
    description = "Repairs image files with a trained defense.",
    footer = {
      "",
      "Reads PNG, JPEG, BMP, GIF, TIFF and WebP of any size; content decides, not the",
      "name. Kept are names and folders, size, alpha, EXIF orientation and colour",
      "profile; no other metadata. PNG, JPEG and BMP stay what they are, the others",
      "become PNG. A JPEG is compressed anew, which loses some of the repair:",
      "--format png loses nothing. Animations and files of several pages are refused.",
      "",
      "An image that cannot be repaired is named with the reason, the others go on,",
      "and the exit code is 1. Stopped or killed, it leaves whole files only:",
      "--resume goes on.",
      "",
      "Examples:",
      "  realign purify --defense runs/defense/defense.safetensors \\",
      "      a.png photos/ b.zip --out c",
      "  realign purify --defense runs/defense/defense.safetensors - <a.jpg >b.jpg"
    })
final class PurifyCommand implements Callable<Integer> {

  private static final Path STANDARD = Path.of("-");
  private static final String STANDARD_INPUT = "standard input";

  /** What becomes of a file's format. */
  enum Format {
    SAME,
    PNG
  }

  @Option(
      names = "--defense",
      required = true,
      paramLabel = "FILE",
      description = "A file of 'train defense'.")
  private Path defense = Path.of("");

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description =
          "Image files; folders and archives (.zip, .tar, .tar.gz), of which all images at any depth "
              + "are repaired; or - for one image from standard input to standard output.")
  private List<Path> inputs = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Takes the results, under the names that they have in their folders.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "same",
      description =
          "same as the image's where that can be written, or png; default: ${DEFAULT-VALUE}.")
  private Format format = Format.SAME;

  @Option(
      names = "--quality",
      paramLabel = "Q",
      defaultValue = "95",
      description = "Of a JPEG, 1 to 100; default: ${DEFAULT-VALUE}.")
  private int quality;

  @Option(
      names = "--tile",
      paramLabel = "T",
      description =
          "Side of the overlapping tiles that larger images are repaired in, in pixels; default: "
              + PixelPurifier.TILE
              + ". "
              + "Smaller ones take less memory and more time.")
  private Optional<Integer> tile = Optional.empty();

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      description = "Refuse images of more pixels, unread; default: 64000000.")
  private Optional<Long> maxPixels = Optional.empty();

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "auto",
      description = "auto, cpu or cuda; default: ${DEFAULT-VALUE}.")
  private String device = "auto";

  @Option(names = "--resume", description = "Pass over images whose results are there already.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Replace results that are there already.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (resume && overwrite) {
      throw new InputException("--resume keeps what is there, --overwrite replaces it: which?");
    }
    return inputs.contains(STANDARD) ? standardInput() : files();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private Purification purification() {
    ImageDecoder standard = ImageDecoder.standard();
    ImageDecoder decoder =
        new ImageDecoder(maxPixels.orElse(standard.maxPixels()), standard.maxBytes());
    ImageEncoder encoder = new ImageEncoder(quality);
    Compute compute = Compute.of(device, "fp32");
    GeneratorPurifier generator = DefenseFile.read(defense, compute);
    PixelPurifier purifier =
        tile.map(side -> new PixelPurifier(generator, compute, side))
            .orElseGet(() -> new PixelPurifier(generator, compute));
    return new Purification(purifier, decoder, encoder, format == Format.PNG, overwrite);
  }

  // --- standard input ---------------------------------------------------------------------------

  private int standardInput() {
    if (inputs.size() > 1 || out.isPresent()) {
      throw new InputException(
          "- takes one image from standard input to standard output: no other IMAGE, no --out");
    }
    Purification purification = purification();
    ImageDecoder limits = ImageDecoder.standard();
    byte[] image;
    try {
      image = System.in.readNBytes(Math.toIntExact(limits.maxBytes() + 1));
    } catch (IOException e) {
      throw new UncheckedIOException(STANDARD_INPUT + " cannot be read", e);
    }
    if (image.length > limits.maxBytes()) {
      throw limits.tooLarge(STANDARD_INPUT, -1);
    }
    try (Interruption stop = Interruption.listen(err());
        UnitProgress progress = new UnitProgress(err(), "repairing")) {
      byte[] repaired =
          purification.repaired(
              image,
              STANDARD_INPUT,
              part -> {
                if (stop.getAsBoolean()) {
                  throw new CancellationException();
                }
                progress.advanced(Math.round(1000 * part), 1000);
              });
      try (OutputStream to = new FileOutputStream(FileDescriptor.out)) {
        to.write(repaired);
      } catch (IOException e) {
        throw new UncheckedIOException("standard output cannot be written", e);
      }
    } catch (CancellationException e) {
      return ExitCode.INTERRUPTED;
    }
    purification.notes().forEach(note -> err().println("note: " + note));
    return ExitCode.DONE;
  }

  // --- files ------------------------------------------------------------------------------------

  private int files() {
    Path folder =
        out.orElseThrow(() -> new InputException("--out DIR is missing: where do results go?"));
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new InputException(folder + " is a file: --out needs a folder");
    }
    ImageSources sources = ImageSources.find(inputs, folder);
    if (sources.found().size() + sources.failures().size() == 0) {
      throw new InputException(
          "no images (%s) in %s".formatted(ImageFormat.allEndings(), inputs.getFirst()));
    }
    if (sources.found().isEmpty() && sources.failures().size() == 1) {
      throw new InputException(sources.failures().getFirst());
    }
    List<Purification.Job> all = plan(sources, folder);
    List<Purification.Job> jobs = all;
    if (!overwrite) {
      jobs = all.stream().filter(job -> !Files.exists(job.result())).toList();
      if (jobs.size() < all.size() && !resume) {
        throw new InputException(
            "%s is there already (%d of %d results are): --resume passes over them, --overwrite replaces them"
                .formatted(
                    all.stream()
                        .map(Purification.Job::result)
                        .filter(Files::exists)
                        .findFirst()
                        .orElseThrow(),
                    all.size() - jobs.size(),
                    all.size()));
      }
    }
    if (resume) {
      all.stream()
          .map(Purification.Job::result)
          .collect(
              Collectors.groupingBy(
                  result -> result.toAbsolutePath().getParent(),
                  Collectors.mapping(PurifyCommand::name, Collectors.toSet())))
          .forEach(AtomicFile::removeLeftovers);
    }
    Purification purification = purification();
    Purification.Outcome outcome;
    boolean alone = all.size() == 1 && sources.failures().isEmpty();
    List<String> only = new ArrayList<>();
    try (Interruption stop = Interruption.listen(err());
        UnitProgress progress = new UnitProgress(err(), "repairing")) {
      sources.failures().forEach(line -> progress.say("realign: " + line));
      Purification.Listener listener =
          new Purification.Listener() {
            @Override
            public void advanced(long done, long total) {
              progress.advanced(done, total);
            }

            @Override
            public void failed(String line) {
              if (alone) {
                only.add(line);
              } else {
                progress.say("realign: " + line);
              }
            }
          };
      outcome = purification.run(jobs, listener, stop);
    }
    purification.notes().forEach(note -> err().println("note: " + note));
    if (!only.isEmpty()) {
      throw new InputException(only.getFirst());
    }
    return summary(outcome, sources, all.size() - jobs.size(), folder);
  }

  private int summary(Purification.Outcome outcome, ImageSources sources, int there, Path folder) {
    int failed = outcome.failed() + sources.failures().size();
    StringBuilder line = new StringBuilder();
    line.append(
        "%d %s in %s"
            .formatted(outcome.repaired(), outcome.repaired() == 1 ? "image" : "images", folder));
    append(line, there, "there already");
    append(line, failed, "could not be repaired");
    append(line, sources.passedOver(), "other files passed over");
    spec.commandLine().getOut().println(line);
    if (outcome.stopped()) {
      err().println("realign: stopped; --resume goes on");
      return ExitCode.INTERRUPTED;
    }
    return failed > 0 ? ExitCode.FAILED : ExitCode.DONE;
  }

  private static void append(StringBuilder line, int count, String what) {
    if (count > 0) {
      line.append(", ").append(count).append(' ').append(what);
    }
  }

  /** What becomes of each image. */
  private List<Purification.Job> plan(ImageSources sources, Path folder) {
    Map<Path, ImageSources.Source> taken = new LinkedHashMap<>();
    Map<Path, Long> wanted =
        sources.found().stream()
            .collect(
                Collectors.groupingBy(
                    source -> named(source.path(), written(source)), Collectors.counting()));
    List<Purification.Job> jobs = new ArrayList<>();
    List<String> renamed = new ArrayList<>();
    for (ImageSources.Source source : sources.found()) {
      ImageFormat written = written(source);
      Path plain = named(source.path(), written);
      boolean shared = wanted.getOrDefault(plain, 0L) > 1;
      Path result =
          folder.resolve(
              shared && !plain.equals(source.path())
                  ? source.path().resolveSibling(name(source.path()) + "." + written.ending())
                  : plain);
      ImageSources.Source twin = taken.put(result, source);
      if (twin != null) {
        throw new InputException(
            "%s and %s would both become %s: repair them into different folders"
                .formatted(twin.name(), source.name(), result));
      }
      if (!source.inArchive() && same(source.input(), result)) {
        throw new InputException(
            result + " would replace the image that it is made of: another --out");
      }
      if (sources.reads(result)) {
        throw new InputException(
            "%s would replace %s, which is read as well: another --out"
                .formatted(source.name(), result));
      }
      if (!source.format().fits(source.path().toString())) {
        renamed.add(
            "%s: holds a %s, whatever its name says"
                .formatted(source.name(), source.format().word()));
      }
      jobs.add(new Purification.Job(source, result));
    }
    renamed.stream().limit(3).forEach(line -> err().println("note: " + line));
    if (renamed.size() > 3) {
      err().println("note: and %d others".formatted(renamed.size() - 3));
    }
    return jobs;
  }

  private ImageFormat written(ImageSources.Source source) {
    return Purification.written(source.format(), format == Format.PNG);
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static boolean same(Path a, Path b) {
    try {
      return Files.exists(b) && Files.isSameFile(a, b);
    } catch (IOException e) {
      return false;
    }
  }

  /** The same path, with an ending that fits the format. */
  private static Path named(Path path, ImageFormat format) {
    String name = name(path);
    if (format.fits(name)) {
      return path;
    }
    String stem = ImageFormat.isImageName(name) ? name.substring(0, name.lastIndexOf('.')) : name;
    return path.resolveSibling(stem + "." + format.ending());
  }
}
