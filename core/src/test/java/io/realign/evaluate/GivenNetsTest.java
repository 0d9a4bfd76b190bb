package io.realign.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.realign.attack.Attack;
import io.realign.attack.Bim;
import io.realign.attack.DetectorStep;
import io.realign.attack.Norm;
import io.realign.data.Dataset;
import io.realign.data.Datasets;
import io.realign.data.Part;
import io.realign.data.Subset;
import io.realign.io.Checksum;
import io.realign.target.Target;
import io.realign.target.Targets;
import io.realign.torch.Compute;
import io.realign.torch.Workers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The given nets for segmentation and detection on the first validation images of VOC 2012. */
@Tag("real")
class GivenNetsTest {

  @Test
  void deepLabSeesRegionsAndBimTakesThem() {
    List<Result> results =
        evaluate(
            "deeplabv3-mobilenet-v2",
            "deeplabv3_mnv2_voc_257",
            88,
            new Bim(Norm.LINF, .03, .01, 4, 1));
    assertThat(results.getFirst().value()).isGreaterThan(.5); // the sheet: .572 on 88 images
    assertThat(results.getLast().value()).isLessThan(results.getFirst().value() / 4);
  }

  @Test
  void ssdSeesObjectsAndOneStepTakesThem() {
    List<Result> results =
        evaluate(
            "ssd-mobilenet-v1",
            "ssd_mobilenet_v1_coco_300_deq",
            100,
            DetectorStep.standard(DetectorStep.Part.BOTH));
    assertThat(results.getFirst().value()).isGreaterThan(.4);
    assertThat(results.getLast().value()).isLessThan(results.getFirst().value() / 4);
  }

  private static List<Result> evaluate(
      String architecture, String file, int images, Attack attack) {
    Path data =
        Path.of(
            Optional.ofNullable(System.getProperty("real.data"))
                .orElseThrow(
                    () ->
                        new IllegalStateException("-Dreal.data=DIR must name the data's folder")));
    Path weights = data.resolve("weights").resolve(file + ".safetensors");
    Target target = Targets.load(architecture + "@" + weights, Compute.CPU);
    Dataset voc =
        Datasets.open(
            "voc2012",
            Optional.of(data),
            Part.TEST,
            Datasets.Options.standard()
                .sized(target.imageSize())
                .labelled(target.task().labelling()));
    EvaluationPlan plan =
        new EvaluationPlan(
            target,
            Checksum.sha256(weights),
            Optional.empty(),
            Optional.empty(),
            target.task(),
            Subset.first(voc, images),
            "test",
            List.of(attack),
            Set.of(Threat.OBLIVIOUS),
            EvaluationPlan.Settings.standard(target.imageSize(), Compute.CPU),
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
