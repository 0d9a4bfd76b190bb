package io.realign.cli;

import io.realign.attack.Attack;
import io.realign.attack.Ball;
import io.realign.data.Dataset;
import io.realign.data.Sample;
import io.realign.evaluate.EightBit;
import io.realign.io.AtomicFile;
import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
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
      "Writes PNG files, rounded towards the clean images so that they stay within E, and",
      "attacked.csv: file, index, label, predictions before and after, size of the change.",
      "Image files have no label: the attack leads away from what the target says of them.",
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
      paramLabel = "ARCH@FILE",
      description = "The net under attack: architecture and weight file.")
  private String target = "";

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
      description = "fgsm, bim, pgd, pgd-kl or margin; default: ${DEFAULT-VALUE}.")
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

  /** An image to attack; without a label the target's own answer is one. */
  private record Source(String name, int index, Pixels image, OptionalInt label) {}

  /** The images to attack; a source is read when it is its turn. */
  private record Sources(int size, IntFunction<Source> at) {}

  @Override
  public Integer call() {
    List<Attack> named = constants.named(attack);
    if (named.size() != 1) {
      throw new InputException("--attack takes one name, not " + attack);
    }
    constants.unused(named).forEach(note -> spec.commandLine().getErr().println("note: " + note));
    Compute compute = Compute.of(device, "fp32");
    Target net = Targets.load(target, compute);
    Sources sources = sources(net);
    StringBuilder csv =
        new StringBuilder("file,index,label,predicted_before,predicted_after,change\n");
    int fooled = 0;
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
        fooled += attacked(source, i, net, named.getFirst(), compute, csv) ? 1 : 0;
        progress.advanced(i + 1, sources.size());
      }
    }
    AtomicFile.writeString(out.resolve(LIST), csv.toString());
    spec.commandLine()
        .getOut()
        .println(
            "%d of %d images changed the target's answer; list: %s"
                .formatted(fooled, sources.size(), out.resolve(LIST)));
    return ExitCode.DONE;
  }

  private Sources sources(Target net) {
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
      plan.forEach(image -> checked(Images.read(image.getValue()), image.getValue(), net));
      return new Sources(
          plan.size(),
          i ->
              new Source(
                  String.valueOf(plan.get(i).getKey().getFileName()),
                  i,
                  Images.read(plan.get(i).getValue()),
                  OptionalInt.empty()));
    }
    OutputFolder.check(out, overwrite);
    Dataset set = data.open(net.imageSize());
    if (set.classes().size() != net.classes()) {
      throw new InputException(
          "target %s tells %d classes apart, dataset %s has %d"
              .formatted(net.name(), net.classes(), set.name(), set.classes().size()));
    }
    return new Sources(
        set.size(),
        i -> {
          Sample sample = set.get(i);
          return new Source(
              String.format(Locale.ROOT, "%05d.png", i),
              i,
              sample.image(),
              OptionalInt.of(sample.annotation().label()));
        });
  }

  private static void checked(Pixels image, Path file, Target net) {
    if (image.height() != net.imageSize() || image.width() != net.imageSize()) {
      throw new InputException(
          "%s is %d×%d, target %s takes images of %d×%d"
              .formatted(
                  file,
                  image.width(),
                  image.height(),
                  net.name(),
                  net.imageSize(),
                  net.imageSize()));
    }
  }

  /** Attacks one image, writes it, adds its line; whether the answer changed. */
  private boolean attacked(
      Source source, int i, Target net, Attack method, Compute compute, StringBuilder csv) {
    try (Scope scope = Scope.open()) {
      Tensor clean = compute.place(Images.toTensor(List.of(source.image())));
      long before = predicted(net, clean);
      long label = source.label().orElse((int) before);
      Tensor labels = compute.place(Ops.longs(new long[] {label}, 1));
      Tensor raw = method.perturb(net, clean, labels, Seed.of(seed).child(method.name()).child(i));
      Tensor image = EightBit.towards(raw, clean);
      Ball ball = new Ball(method.norm(), method.epsilon());
      ball.verify(method.name(), image, clean);
      long after = predicted(net, image);
      Images.writePng(out.resolve(source.name()), Images.fromTensor(image).getFirst());
      csv.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%s,%d,%d,%.6f%n",
              quoted(source.name()),
              source.index(),
              source.label().isPresent() ? Long.toString(label) : "",
              before,
              after,
              Ops.toFloats(ball.distances(image, clean))[0]));
      return before != after;
    }
  }

  private static long predicted(Target net, Tensor image) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return Ops.toLongs(net.forward(image).logits().argmax(new LongOptional(1), false))[0];
    }
  }

  private static String quoted(String name) {
    return name.contains(",") || name.contains("\"")
        ? '"' + name.replace("\"", "\"\"") + '"'
        : name;
  }
}
