package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.attack.Attack;
import io.realign.attack.Norm;
import io.realign.attack.Pgd;
import io.realign.data.Datasets;
import io.realign.data.Part;
import io.realign.io.Checksum;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.task.Classification;
import io.realign.torch.Compute;
import io.realign.torch.Workers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trained nets on the 1,000 test images of CIFAR-10 that are given with them. */
@Tag("real")
class KnownAnswersTest {

  @ParameterizedTest
  @CsvSource({"cifar-resnet20, cifar10_resnet20, .915", "cifar-resnet56, cifar10_resnet56, .926"})
  void pgdTakesAnUndefendedNetToNothing(String architecture, String file, double clean) {
    List<Result> results = evaluate(architecture, file, Pgd.standard());
    assertThat(results.getFirst().value()).isEqualTo(clean);
    assertThat(results.getLast().value()).isLessThanOrEqualTo(.01);
  }

  @ParameterizedTest
  @CsvSource({"cifar-adv-resnet2b, cifar10_adv_resnet2b", "cifar-adv-cnn-a, cifar10_adv_cnn_a_adv"})
  void aRobustNetKeepsHalfAtTheRadiusItWasTrainedFor(String architecture, String file) {
    List<Result> results =
        evaluate(architecture, file, new Pgd(Norm.LINF, 2 / 255.0, .5 / 255, 20, 1));
    assertThat(results.getLast().value()).isBetween(.50, .61);
  }

  private static List<Result> evaluate(String architecture, String file, Attack attack) {
    Path data =
        Path.of(
            Optional.ofNullable(System.getProperty("real.data"))
                .orElseThrow(
                    () ->
                        new IllegalStateException("-Dreal.data=DIR must name the data's folder")));
    Path weights = data.resolve("weights").resolve(file + ".safetensors");
    Target target = Targets.load(architecture + "@" + weights, Compute.CPU);
    EvaluationPlan plan =
        new EvaluationPlan(
            target,
            Checksum.sha256(weights),
            Optional.empty(),
            Optional.empty(),
            new Classification(),
            Datasets.open("cifar10", Optional.of(data), Part.TEST, Datasets.Options.standard()),
            "test",
            List.of(attack),
            Set.of(Threat.OBLIVIOUS),
            EvaluationPlan.Settings.standard(32, Compute.CPU),
            new Result.Provenance(1, "test", "test", Map.of()));
    Evaluator evaluator = new Evaluator(plan);
    try (Workers workers = Workers.forJobs(evaluator.batches())) {
      return evaluator
          .run(workers, AttackedImages.NONE, Evaluator.Progress.NONE, () -> false)
          .orElseThrow()
          .results();
    }
  }
}
