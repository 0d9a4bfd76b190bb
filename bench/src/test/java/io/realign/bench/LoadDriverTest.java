package io.realign.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.align.CompactGenerator;
import io.realign.align.GeneratorPurifier;
import io.realign.io.Images;
import io.realign.serve.Batching;
import io.realign.serve.Limits;
import io.realign.serve.ServedModel;
import io.realign.serve.Service;
import io.realign.serve.ServiceConfig;
import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The driver counts what a service answers. */
final class LoadDriverTest {

  private static final Duration SHORT = Duration.ofMillis(800);

  private static Service service(int images) {
    List<Double> halves = List.of(.5, .5, .5);
    CompactGenerator.Config config = new CompactGenerator.Config(4, 1, 0, 0, .5, halves, halves);
    ServedModel model =
        new ServedModel(
            "m",
            Optional.empty(),
            Optional.of(new GeneratorPurifier("g", config.create(Seed.of(3), Compute.CPU))),
            List.of(),
            List.of(),
            Compute.CPU);
    Limits usual = Limits.standard();
    Limits limits =
        new Limits(
            usual.bodyBytes(),
            usual.pixels(),
            images,
            images,
            usual.connections(),
            usual.requestTime(),
            usual.answerTime(),
            usual.attackSteps(),
            usual.attacks());
    return Service.start(
        new ServiceConfig("127.0.0.1", 0, Optional.empty(), limits, Batching.standard(1), false),
        List.of(model),
        new CopyOnWriteArrayList<Throwable>()::add);
  }

  private static LoadFigures drive(Service service, byte[] body, int connections) {
    URI endpoint = URI.create(service.url() + "/v1/models/m/purify");
    return new LoadDriver(endpoint, List.of(body))
        .drive(connections, SHORT, () -> OptionalDouble.of(7));
  }

  private static byte[] image() {
    return Images.pngBytes(new RandomImages(1, Seed.of(1)).get(0).image());
  }

  @Test
  void withinCapacityAllAreServed() {
    try (Service service = service(256)) {
      LoadFigures figures = drive(service, image(), 8);
      assertThat(figures.served()).isPositive();
      assertThat(figures.refused()).isZero();
      assertThat(figures.other()).isEmpty();
      assertThat(figures.p99Millis()).isGreaterThanOrEqualTo(figures.medianMillis()).isPositive();
      assertThat(figures.residentMegabytes()).isNotEmpty().containsOnly(7.0);
    }
  }

  @Test
  void beyondItSomeAreRefusedAndNothingElse() {
    try (Service service = service(2)) {
      LoadFigures figures = drive(service, image(), 32);
      assertThat(figures.served()).isPositive();
      assertThat(figures.refused()).isPositive();
      assertThat(figures.other()).isEmpty();
    }
  }

  @Test
  void otherAnswersAreCountedApart() {
    try (Service service = service(2)) {
      LoadFigures figures = drive(service, "no image".getBytes(StandardCharsets.US_ASCII), 1);
      assertThat(figures.served()).isZero();
      assertThat(figures.other()).containsOnlyKeys("415");
      assertThat(figures.p99Millis()).isZero();
    }
  }
}
