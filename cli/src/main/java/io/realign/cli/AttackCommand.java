package io.realign.cli;

import io.realign.attack.Attack;
import io.realign.attack.Attacks;
import io.realign.data.Annotation;
import io.realign.data.Dataset;
import io.realign.data.Sample;
import io.realign.evaluate.PixelTarget;
import io.realign.io.AtomicFile;
import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.target.TargetName;
import io.realign.task.DetectedBox;
import io.realign.task.Finding;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code realign attack}: writes adversarial images. */
@Command(
    name = "attack",
    description = "Makes adversarial images of a data set or of image files.",
    footer = {
      "",
      "Writes PNG files, rounded towards the clean images so that they stay within E,",
      "and attacked.csv: file, index, label, predictions before and after, size of",
      "the change, and how far the prediction agrees with the one before, in the",
      "task's metric from 0 to 1. Of masks and boxes the classes are listed that are",
      "there. Image files have no label: the attack leads away from what the target",
      "says of them.",
      "",
      "Example:",
      "  realign attack --target cifar-resnet20@resnet20.safetensors --data cifar10 \\",
      "      --data-dir DIR --limit 16 --attack pgd --out attacked"
    })
final class AttackCommand implements Callable<Integer> {

  private static final String LIST = "attacked.csv";

  @Option(
      names = "--target",
      required = true,
      paramLabel = "TARGET",
      description =
          "The net under attack: ARCH@FILE, architecture and weight file, or MODEL.yaml, "
              + "which describes a TorchScript file.")
  private String target = "";

  @Mixin private final TargetOptions loading = new TargetOptions();

  @Mixin private final MeasuredImages data = new MeasuredImages();

  @Parameters(
      arity = "0..*",
      paramLabel = "IMAGE",
      description = "Image files or folders of them, instead of --data.")
  private List<Path> inputs = new ArrayList<>();

  @Option(
      names = "--attack",
      paramLabel = "NAME",
      defaultValue = "pgd",
      description = "One of the attacks of 'evaluate'; default: ${DEFAULT-VALUE}.")
  private String attack = "pgd";

  @Mixin private final AttackOptions constants = new AttackOptions();

  @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of all draws.")
  private long seed;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "auto",
      description = "auto, cpu or cuda; default: ${DEFAULT-VALUE}.")
  private String device = "auto";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Takes the images and the list.")
  private Path out = Path.of("");

  @Option(names = "--overwrite", description = "Replace files of these names in DIR.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  /** An image to attack; without an annotation the target's own answer is its label. */
  private record Source(String name, int index, Pixels image, Optional<Annotation> truth) {}

  /** The images to attack; a source is read when it is its turn. */
  private record Sources(int size, IntFunction<Source> at) {}

  @Override
  public Integer call() {
    if (constants.named(attack).size() != 1) {
      throw new InputException("--attack takes one name, not " + attack);
    }
    Compute compute = Compute.of(device, "fp32");
    Target net = loading.load(new TargetName(target), compute, spec.commandLine().getErr());
    List<Attack> named = constants.named(attack, net.task());
    if (!named.getFirst().suits(net.task())) {
      throw new InputException(
          "--attack %s is not for %s: one of %s"
              .formatted(
                  named.getFirst().name(),
                  net.task().name(),
                  String.join(", ", Attacks.suiting(net.task()))));
    }
    constants.unused(named).forEach(note -> spec.commandLine().getErr().println("note: " + note));
    PixelTarget pixels = new PixelTarget(net, compute);
    Sources sources = sources(pixels);
    StringBuilder csv =
        new StringBuilder("file,index,label,predicted_before,predicted_after,change,agreement\n");
    int changed = 0;
    try (Interruption stop = Interruption.listen(spec.commandLine().getErr());
        UnitProgress progress = new UnitProgress(spec.commandLine().getErr(), "attacking")) {
      for (int i = 0; i < sources.size(); i++) {
        if (stop.getAsBoolean()) {
          AtomicFile.writeString(out.resolve(LIST), csv.toString());
          spec.commandLine()
              .getErr()
              .println("stopped after %d of %d images".formatted(i, sources.size()));
          return ExitCode.INTERRUPTED;
        }
        Source source = sources.at().apply(i);
        changed += attacked(source, i, pixels, named.getFirst(), csv) ? 1 : 0;
        progress.advanced(i + 1, sources.size());
      }
    }
    AtomicFile.writeString(out.resolve(LIST), csv.toString());
    spec.commandLine()
        .getOut()
        .println(
            "%d of %d images changed the target's answer; list: %s"
                .formatted(changed, sources.size(), out.resolve(LIST)));
    return ExitCode.DONE;
  }

  private Sources sources(PixelTarget pixels) {
    Target net = pixels.target();
    if (data.isGiven() == !inputs.isEmpty()) {
      throw new InputException("attack what? give either --data NAME or image files");
    }
    if (Files.exists(out.resolve(LIST)) && !overwrite) {
      throw new InputException(
          out.resolve(LIST) + " is there already: another --out, or --overwrite");
    }
    if (!data.isGiven()) {
      List<Map.Entry<Path, Path>> plan =
          List.copyOf(ImageInputs.plan(inputs, out, overwrite).entrySet());
      plan.forEach(
          image -> pixels.check(Images.read(image.getValue()), image.getValue().toString()));
      return new Sources(
          plan.size(),
          i ->
              new Source(
                  String.valueOf(plan.get(i).getKey().getFileName()),
                  i,
                  Images.read(plan.get(i).getValue()),
                  Optional.empty()));
    }
    OutputFolder.check(out, overwrite);
    Dataset set = data.open(net);
    PrintWriter err = spec.commandLine().getErr();
    set.notes().forEach(note -> err.println("note: " + note));
    TargetOptions.checkClasses(net, set, err);
    int classes = net.task().classes(set).size();
    if (classes != net.classes()) {
      throw new InputException(
          "target %s tells %d classes apart, dataset %s has %d"
              .formatted(net.name(), net.classes(), set.name(), classes));
    }
    return new Sources(
        set.size(),
        i -> {
          Sample sample = set.get(i);
          return new Source(
              String.format(Locale.ROOT, "%05d.png", i),
              i,
              sample.image(),
              Optional.of(sample.annotation()));
        });
  }

  /** Attacks one image, writes it, adds its line; whether the answer changed. */
  private boolean attacked(
      Source source, int i, PixelTarget net, Attack method, StringBuilder csv) {
    PixelTarget.Attacked attacked =
        net.attack(
            source.image(), source.truth(), method, Seed.of(seed).child(method.name()).child(i));
    Images.writePng(out.resolve(source.name()), attacked.image());
    csv.append(
        String.format(
            Locale.ROOT,
            "%s,%d,%s,%s,%s,%.6f,%.4f%n",
            quoted(source.name()),
            source.index(),
            source.truth().isPresent() ? classes(attacked.label()) : "",
            classes(attacked.before()),
            classes(attacked.after()),
            attacked.change(),
            attacked.agreement()));
    return attacked.changed();
  }

  /** The class, or those of the regions or objects. */
  private static String classes(Finding finding) {
    IntStream found =
        switch (finding) {
          case Finding.OneClass one -> IntStream.of(one.label());
          case Finding.Regions regions ->
              IntStream.range(0, regions.mask().length).map(i -> regions.mask()[i] & 255);
          case Finding.Objects objects -> objects.boxes().stream().mapToInt(DetectedBox::label);
        };
    return found
        .filter(label -> label != (Annotation.UNKNOWN & 255))
        .distinct()
        .sorted()
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(" "));
  }

  private static String quoted(String name) {
    return name.contains(",") || name.contains("\"")
        ? '"' + name.replace("\"", "\"\"") + '"'
        : name;
  }
}
