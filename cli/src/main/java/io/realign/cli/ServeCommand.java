package io.realign.cli;

import io.realign.io.InputException;
import io.realign.serve.Batching;
import io.realign.serve.Limits;
import io.realign.serve.ModelSource;
import io.realign.serve.ServedModel;
import io.realign.serve.Service;
import io.realign.serve.ServiceConfig;
import io.realign.target.TargetName;
import io.realign.torch.Compute;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.global.torch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code realign serve}: defenses and targets behind HTTP. */
@Command(
    name = "serve",
    description = "Serves models over HTTP, with a playground to attack them.",
    footer = {
      "",
      "Repairs images, predicts with and without the defense, and shows both under",
      "attack on a page of its own. /openapi.yaml describes the service, /metrics is",
      "for Prometheus. What is beyond the limits is refused, never queued without",
      "end. Ctrl-C and SIGTERM finish the requests that are being served; a second",
      "one ends at once.",
      "",
      "Examples:",
      "  realign serve --target cifar-resnet20@resnet20.safetensors \\",
      "      --defense runs/defense/defense.safetensors",
      "  realign serve --models models.yaml --host 0.0.0.0 --token-file token.txt"
    })
final class ServeCommand implements Callable<Integer> {

  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final int BYTES_A_MEBIBYTE = 1 << 20;

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      description =
          "What predicts: ARCH@FILE, architecture and weight file, or MODEL.yaml, which "
              + "describes a TorchScript file.")
  private Optional<String> target = Optional.empty();

  @Option(
      names = "--defense",
      paramLabel = "FILE",
      description = "What repairs: a file of 'train defense'.")
  private Optional<Path> defense = Optional.empty();

  @Option(
      names = "--classes",
      paramLabel = "LIST",
      split = ",",
      description = "Names of the target's classes, with commas between them.")
  private List<String> classes = new ArrayList<>();

  @Option(
      names = "--results",
      paramLabel = "FILE",
      description = "A results.json or curves.json of 'evaluate', for the playground.")
  private Optional<Path> results = Optional.empty();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = "default",
      description = "The model's name in addresses; default: ${DEFAULT-VALUE}.")
  private String name = "default";

  @Option(
      names = "--models",
      paramLabel = "FILE",
      description = "A YAML file of several models, instead of the options above.")
  private Optional<Path> models = Optional.empty();

  @Mixin private final TargetOptions loading = new TargetOptions();

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "Where to listen; default: ${DEFAULT-VALUE}, this machine alone.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "P",
      defaultValue = "8080",
      description = "Default: ${DEFAULT-VALUE}; 0 for one that is free.")
  private int port;

  @Option(
      names = "--health-port",
      paramLabel = "P",
      description =
          "A second port, for /health and /metrics alone: they answer there however many "
              + "connections the first one has. Default: none, they are on the first alone.")
  private Optional<Integer> healthPort = Optional.empty();

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Requests must bring the secret that FILE holds as a bearer token.")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(
      names = "--no-playground",
      description = "Leaves out the page and the attacks that it asks for.")
  private boolean noPlayground;

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      description = "Largest body of a request, in MiB; default: 32.")
  private Optional<Integer> maxBody = Optional.empty();

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      description = "Refuse images of more pixels, unread; default: 16000000.")
  private Optional<Long> maxPixels = Optional.empty();

  @Option(
      names = "--max-images",
      paramLabel = "N",
      description = "Images in work and in the queue; more are answered 503. Default: 256.")
  private Optional<Integer> maxImages = Optional.empty();

  @Option(
      names = "--max-batch",
      paramLabel = "N",
      description = "Images in one request; default: 64.")
  private Optional<Integer> maxBatch = Optional.empty();

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = "Connections that are open at once; others wait. Default: 1024.")
  private Optional<Integer> maxConnections = Optional.empty();

  @Option(
      names = "--request-time",
      paramLabel = "S",
      description = "Seconds in which a request must arrive; default: 20.")
  private Optional<Integer> requestTime = Optional.empty();

  @Option(
      names = "--answer-time",
      paramLabel = "S",
      description = "Seconds in which an answer must be taken; default: 60.")
  private Optional<Integer> answerTime = Optional.empty();

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "Steps of an attack on the playground; default: 50.")
  private Optional<Integer> maxSteps = Optional.empty();

  @Option(
      names = "--max-attacks",
      paramLabel = "N",
      description = "Attacks that run and wait; more are answered 503. Default: 8.")
  private Optional<Integer> maxAttacks = Optional.empty();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images that go through a net together; default: 32.")
  private Optional<Integer> batch = Optional.empty();

  @Option(
      names = "--wait",
      paramLabel = "MS",
      description = "Milliseconds that an image waits for others; default: 2.")
  private Optional<Integer> wait = Optional.empty();

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Threads that run nets, which share the cores; default: one a core, best for "
              + "many requests. 1 is best for few large images.")
  private Optional<Integer> workers = Optional.empty();

  @Option(
      names = "--drain",
      paramLabel = "S",
      defaultValue = "30",
      description = "Seconds to finish requests in when it is stopped; default: ${DEFAULT-VALUE}.")
  private int drain;

  @Option(
      names = "--device",
      paramLabel = "D",
      defaultValue = "auto",
      description = "auto, cpu or cuda; default: ${DEFAULT-VALUE}.")
  private String device = "auto";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    ServiceConfig config = config();
    warnOfOpenDoor(err);
    Compute compute = Compute.of(device, "fp32");
    List<ServedModel> served =
        sources().stream()
            .map(
                source ->
                    source.load(loading.trust(), compute, note -> err.println("note: " + note)))
            .toList();
    try (Interruption stop = Interruption.listen(err);
        Service service = Service.start(config, served, failure -> log(failure, err))) {
      spec.commandLine()
          .getOut()
          .println("listening on %s%s".formatted(service.url(), noPlayground ? "" : "/"));
      service.healthUrl().ifPresent(url -> spec.commandLine().getOut().println("health on " + url));
      spec.commandLine().getOut().flush();
      sleepUntil(stop);
      if (!service.drain(Duration.ofSeconds(drain))) {
        err.println("realign: not all requests were finished within %d s".formatted(drain));
        return ExitCode.FAILED;
      }
      return ExitCode.DONE;
    }
  }

  private static void log(Throwable failure, PrintWriter err) {
    synchronized (err) {
      err.println("realign: a request failed");
      failure.printStackTrace(err);
      err.flush();
    }
  }

  private static void sleepUntil(Interruption stop) {
    try {
      while (!stop.getAsBoolean()) {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void warnOfOpenDoor(PrintWriter err) {
    try {
      if (tokenFile.isEmpty() && !InetAddress.getByName(host).isLoopbackAddress()) {
        err.println(
            "realign: warning: whoever reaches %s may use the service; --token-file asks for a secret"
                .formatted(host));
        err.flush();
      }
    } catch (UnknownHostException e) {
      throw new InputException("no host is named " + host, e);
    }
  }

  private ServiceConfig config() {
    if (drain < 0) {
      throw new InputException("--drain must be 0 or more seconds, not " + drain);
    }
    Limits usual = Limits.standard();
    int images = maxImages.orElse(usual.images());
    Limits limits =
        new Limits(
            maxBody.map(mebibytes -> (long) mebibytes * BYTES_A_MEBIBYTE).orElse(usual.bodyBytes()),
            maxPixels.orElse(usual.pixels()),
            images,
            maxBatch.orElseGet(() -> Math.min(images, usual.batchImages())),
            maxConnections.orElse(usual.connections()),
            requestTime.map(seconds -> Duration.ofSeconds(seconds)).orElse(usual.requestTime()),
            answerTime.map(seconds -> Duration.ofSeconds(seconds)).orElse(usual.answerTime()),
            maxSteps.orElse(usual.attackSteps()),
            maxAttacks.orElse(usual.attacks()));
    Batching most =
        Batching.standard(workers.orElseGet(() -> Math.max(1, torch.get_num_threads())));
    Batching batching =
        new Batching(
            batch.orElse(most.images()),
            wait.map(millis -> Duration.ofMillis(millis)).orElse(most.patience()),
            most.workers());
    return new ServiceConfig(
        host,
        port,
        tokenFile.map(ServeCommand::token),
        limits,
        batching,
        !noPlayground,
        healthPort.map(OptionalInt::of).orElseGet(OptionalInt::empty));
  }

  private static String token(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new InputException(file + ": the token cannot be read: " + Failures.describe(e), e);
    }
  }

  private List<ModelSource> sources() {
    if (models.isPresent()) {
      if (target.isPresent() || defense.isPresent() || results.isPresent() || !classes.isEmpty()) {
        throw new InputException(
            "--models names all files: no --target, --defense, --classes, --results beside it");
      }
      return ModelSource.read(models.get());
    }
    if (target.isEmpty() && defense.isEmpty()) {
      throw new InputException("serve what? --target, --defense, both, or --models FILE");
    }
    return List.of(new ModelSource(name, target.map(TargetName::new), defense, classes, results));
  }
}
