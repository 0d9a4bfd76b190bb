package io.realign.cli;

import io.realign.align.DefenseFile;
import io.realign.align.GeneratorPurifier;
import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
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
      "Example: realign purify --defense runs/defense/defense.safetensors a.png b/ --out c"
    })
final class PurifyCommand implements Callable<Integer> {

  private static final int LEAST = 16;

  @Option(
      names = "--defense",
      required = true,
      paramLabel = "FILE",
      description = "A file of 'train defense'.")
  private Path defense = Path.of("");

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "Image files, or folders of them; of any size.")
  private List<Path> inputs = new ArrayList<>();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Takes a PNG of the same name for each.")
  private Path out = Path.of("");

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "auto",
      description = "auto, cpu or cuda; default: ${DEFAULT-VALUE}.")
  private String device = "auto";

  @Option(names = "--overwrite", description = "Replace PNG files of these names.")
  private boolean overwrite;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Map<Path, Path> plan = ImageInputs.plan(inputs, out, overwrite);
    plan.values().forEach(PurifyCommand::checkSize);
    Compute compute = Compute.of(device, "fp32");
    GeneratorPurifier purifier = DefenseFile.read(defense, compute);
    try (Interruption stop = Interruption.listen(spec.commandLine().getErr());
        UnitProgress progress = new UnitProgress(spec.commandLine().getErr(), "repairing")) {
      int done = 0;
      for (Map.Entry<Path, Path> image : plan.entrySet()) {
        if (stop.getAsBoolean()) {
          return ExitCode.INTERRUPTED;
        }
        try (Scope scope = Scope.open();
            NoGradGuard guard = new NoGradGuard()) {
          Tensor dirty = compute.place(Images.toTensor(List.of(Images.read(image.getValue()))));
          Images.writePng(image.getKey(), Images.fromTensor(purifier.purify(dirty)).getFirst());
        }
        progress.advanced(++done, plan.size());
      }
    }
    spec.commandLine()
        .getOut()
        .println("%d %s in %s".formatted(plan.size(), plan.size() == 1 ? "image" : "images", out));
    return ExitCode.DONE;
  }

  private static void checkSize(Path file) {
    Pixels image = Images.read(file);
    if (Math.min(image.width(), image.height()) < LEAST) {
      throw new InputException(
          "%s is %d×%d: a defense takes images of at least %d×%d"
              .formatted(file, image.width(), image.height(), LEAST, LEAST));
    }
  }
}
