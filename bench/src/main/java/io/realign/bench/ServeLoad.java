package io.realign.bench;

import io.realign.align.GeneratorPurifier;
import io.realign.evaluate.Result.Provenance;
import io.realign.io.Images;
import io.realign.report.Provenances;
import io.realign.serve.Batching;
import io.realign.serve.Limits;
import io.realign.serve.ServedModel;
import io.realign.serve.Service;
import io.realign.serve.ServiceConfig;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Drives a service at saturation.
 *
 * @param connections at once; more than the service takes on show what it refuses
 * @param duration of each measurement
 * @param progress hears what is being measured
 */
record ServeLoad(int connections, Duration duration, Consumer<String> progress) {

  private static final int SIDE = 32;
  private static final int IMAGES = 64; // different ones
  private static final Duration LONGEST_WARM_UP = Duration.ofSeconds(5);
  private static final String NAME = "bench";
  private static final String RESIDENT = "process_resident_memory_bytes ";
  private static final double BYTES_A_MEGABYTE = 1 << 20;

  private static List<byte[]> images() {
    RandomImages noise = new RandomImages(IMAGES, Seed.of(1));
    return IntStream.range(0, IMAGES).mapToObj(i -> Images.pngBytes(noise.get(i).image())).toList();
  }

  /** A service of this process against itself with batches of one, and against its generator. */
  ServeReport compare(GeneratorPurifier defense) {
    double load = Machine.load().orElse(-1);
    Batching batching = Batching.standard(Math.max(1, torch.get_num_threads()));
    progress.accept("the bare generator");
    double bare = bare(defense, batching);
    progress.accept("batches of one image");
    LoadFigures one = served(defense, new Batching(1, Duration.ZERO, batching.workers()));
    progress.accept("dynamic batches");
    LoadFigures dynamic = served(defense, batching);
    return report(load, defense.name(), bare, dynamic, one);
  }

  private static ServeReport report(
      double load,
      String defense,
      @Nullable Double bare,
      LoadFigures dynamic,
      @Nullable LoadFigures one) {
    Provenance provenance = Provenances.current(1);
    return new ServeReport(
        provenance.machine(),
        provenance.versions(),
        provenance.commit(),
        Math.max(1, torch.get_num_threads()),
        load,
        defense,
        SIDE,
        bare,
        dynamic,
        one);
  }

  private Duration warmUp() {
    return duration.compareTo(LONGEST_WARM_UP) < 0 ? duration : LONGEST_WARM_UP;
  }

  /** Images a second through the generator alone. */
  private double bare(GeneratorPurifier defense, Batching batching) {
    AtomicLong done = new AtomicLong();
    try (Workers workers = new Workers(batching.workers(), 1)) {
      float[] values = Ops.toFloats(Seed.of(2).uniform(0, 1, batching.images(), 3, SIDE, SIDE));
      pass(workers, defense, batching, values, warmUp(), done);
      done.set(0);
      long start = System.nanoTime();
      pass(workers, defense, batching, values, duration, done);
      return done.get() / ((System.nanoTime() - start) / 1e9);
    }
  }

  private static void pass(
      Workers workers,
      GeneratorPurifier defense,
      Batching batching,
      float[] values,
      Duration duration,
      AtomicLong done) {
    long end = System.nanoTime() + duration.toNanos();
    workers.map(
        batching.workers(),
        i -> {
          while (System.nanoTime() - end < 0) {
            try (Scope scope = Scope.open();
                NoGradGuard guard = new NoGradGuard()) {
              Tensor batch = Ops.floats(values, batching.images(), 3, SIDE, SIDE);
              Ops.toFloats(Ops.clamp(defense.purify(batch), 0, 1));
            }
            done.addAndGet(batching.images());
          }
          return List.of();
        });
  }

  private LoadFigures served(GeneratorPurifier defense, Batching batching) {
    ServedModel model =
        new ServedModel(
            NAME, Optional.empty(), Optional.of(defense), List.of(), List.of(), Compute.CPU);
    ServiceConfig config =
        new ServiceConfig("127.0.0.1", 0, Optional.empty(), Limits.standard(), batching, false);
    try (Service service =
        Service.start(config, List.of(model), failure -> progress.accept(failure.toString()))) {
      URI endpoint = URI.create(service.url() + "/v1/models/" + NAME + "/purify");
      LoadDriver driver = new LoadDriver(endpoint, images());
      driver.drive(connections, warmUp(), OptionalDouble::empty);
      return driver.drive(connections, duration, Machine::residentMegabytes);
    }
  }

  /**
   * A service that runs elsewhere.
   *
   * @param endpoint the path that repairs
   */
  ServeReport drive(URI endpoint) {
    double load = Machine.load().orElse(-1);
    progress.accept(endpoint.toString());
    try (HttpClient http = HttpClient.newHttpClient()) {
      LoadDriver driver = new LoadDriver(endpoint, images());
      return report(
          load,
          endpoint.getPath(),
          null,
          driver.drive(connections, duration, () -> resident(http, endpoint)),
          null);
    }
  }

  /** The memory that its metrics tell; empty while it is too busy to tell. */
  private static OptionalDouble resident(HttpClient http, URI endpoint) {
    HttpRequest request = HttpRequest.newBuilder(endpoint.resolve("/metrics")).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(RESIDENT))
          .mapToDouble(
              line -> Double.parseDouble(line.substring(RESIDENT.length())) / BYTES_A_MEGABYTE)
          .findFirst();
    } catch (IOException e) {
      return OptionalDouble.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalDouble.empty();
    }
  }
}
