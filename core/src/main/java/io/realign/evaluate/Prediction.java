package io.realign.evaluate;

import io.realign.task.Finding;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What a target says of one image.
 *
 * @param finding a class, a mask or boxes
 * @param confidence how sure it is, in [0,1], as {@link Task#confidence} counts it
 * @param probabilities of all classes where the finding is one class; else empty
 */
public record Prediction(Finding finding, double confidence, List<Float> probabilities) {

  /** Copies the list. */
  public Prediction {
    probabilities = List.copyOf(probabilities);
  }

  /** What a net says of a batch, in its order; a net may have computed in bfloat16. */
  public static List<Prediction> of(Task task, Outputs outputs) {
    Outputs exact = outputs.inFloat();
    List<Finding> findings = task.findings(task.predictions(exact));
    float[] confidences = Ops.toFloats(task.confidence(exact));
    List<List<Float>> probabilities =
        findings.getFirst() instanceof Finding.OneClass
            ? rows(Ops.toFloats(exact.logits().softmax(1)), findings.size())
            : Collections.nCopies(findings.size(), List.of());
    List<Prediction> predictions = new ArrayList<>(findings.size());
    for (int i = 0; i < findings.size(); i++) {
      predictions.add(new Prediction(findings.get(i), confidences[i], probabilities.get(i)));
    }
    return predictions;
  }

  private static List<List<Float>> rows(float[] values, int count) {
    int each = values.length / count;
    List<List<Float>> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      List<Float> row = new ArrayList<>(each);
      for (float value : Arrays.copyOfRange(values, i * each, (i + 1) * each)) {
        row.add(value);
      }
      rows.add(row);
    }
    return rows;
  }

  /** Finding and confidence; a thousand probabilities would bury them. */
  @Override
  public String toString() {
    return "Prediction[finding=%s, confidence=%s]".formatted(finding, confidence);
  }
}
