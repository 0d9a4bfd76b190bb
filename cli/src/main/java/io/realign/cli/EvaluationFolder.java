package io.realign.cli;

import io.realign.evaluate.Defense;
import io.realign.evaluate.Evaluation;
import io.realign.evaluate.EvaluationPlan;
import io.realign.evaluate.MaskingSign;
import io.realign.evaluate.Result;
import io.realign.io.AtomicFile;
import io.realign.io.InputException;
import io.realign.io.Yaml;
import io.realign.report.HtmlReport;
import io.realign.report.MetricsLog;
import io.realign.report.ReportContent;
import io.realign.report.ResultsJson;
import io.realign.report.RunReport;
import io.realign.report.SampleTable;
import io.realign.target.TargetName;
import io.realign.train.DefenseConfig;
import io.realign.train.DefenseTraining;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that {@code evaluate} leaves: results, the table of samples, signs of gradient masking,
 * curves, the report.
 *
 * @param out their folder
 * @param target {@code ARCH@FILE}
 * @param defense its file, or {@value #NONE}; where its training lies beside it, the report tells
 *     of that too
 * @param seed of all draws
 * @param examples the most images in the report
 * @param err takes notes
 */
record EvaluationFolder(
    Path out, String target, String defense, long seed, int examples, PrintWriter err) {

  /** Where a defense's file would be: there is none. */
  static final String NONE = "none";

  private static final String SAMPLES = "samples";

  /** Writes all of them. */
  void write(EvaluationPlan plan, Evaluation found, List<MaskingSign> signs, List<Result> sweep) {
    ResultsJson.write(out.resolve(ResultsJson.FILE), found.results());
    SampleTable.write(out.resolve(SAMPLES + ".csv"), out.resolve(SAMPLES + ".jsonl"), found);
    if (!signs.isEmpty()) {
      AtomicFile.writeString(out.resolve(RunReport.MASKING), Yaml.writeJson(signs) + "\n");
    }
    if (!sweep.isEmpty()) {
      ResultsJson.write(out.resolve(RunReport.CURVES), sweep);
    }
    String page = HtmlReport.text(content(plan, found).withSigns(signs).withSweep(sweep));
    AtomicFile.writeString(out.resolve(HtmlReport.FILE), page);
  }

  private ReportContent content(EvaluationPlan plan, Evaluation found) {
    Path training = Path.of(defense).toAbsolutePath().resolveSibling("");
    boolean trained = !defense.equals(NONE) && isTraining(training);
    String yaml = Yaml.write(settings(plan));
    if (trained) {
      yaml += "\n# the training of the defense\n" + RunReport.config(training);
    }
    ReportContent content =
        RunReport.of(
            plan.defense().map(d -> d.name() + " in front of ").orElse("") + plan.target().name(),
            found,
            plan.task().classes(plan.dataset()),
            yaml,
            plan.dataset().notes(),
            seed);
    if (examples < content.gallery().map(shown -> shown.rows().size()).orElse(0)) {
      content = content.withFewerExamples(Math.max(0, examples));
    }
    if (trained && Files.exists(training.resolve(MetricsLog.FILE))) {
      content = content.withMetrics(MetricsLog.read(training.resolve(MetricsLog.FILE)));
    }
    return content;
  }

  /** Whether the files beside the defense are those of its training. */
  private boolean isTraining(Path folder) {
    Path config = folder.resolve(DefenseTraining.CONFIG);
    if (!Files.exists(config)) {
      return false;
    }
    try {
      Yaml.read(config, DefenseConfig.class);
      if (Files.exists(folder.resolve(MetricsLog.FILE))) {
        MetricsLog.read(folder.resolve(MetricsLog.FILE));
      }
      return true;
    } catch (InputException e) {
      err.println("note: left out of the report: " + e.getMessage());
      return false;
    }
  }

  /** The resolved configuration; files without their folders. */
  private Map<String, Object> settings(EvaluationPlan plan) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("target", new TargetName(target).withoutFolder());
    settings.put("defense", plan.defense().map(Defense::name).orElse("none"));
    settings.put("data", plan.dataset().name());
    settings.put("split", plan.split());
    settings.put("images", plan.dataset().size());
    Map<String, Object> named = new LinkedHashMap<>();
    plan.attacks().forEach(attack -> named.put(attack.name(), attack.parameters()));
    settings.put("attacks", named);
    settings.put("threats", plan.threats().stream().map(Words::of).toList());
    settings.put("seed", seed);
    settings.put("batch", plan.settings().batch());
    settings.put("round8", plan.settings().round8());
    settings.put("device", plan.settings().compute().kind());
    settings.put("precision", plan.settings().compute().precision());
    return settings;
  }
}
