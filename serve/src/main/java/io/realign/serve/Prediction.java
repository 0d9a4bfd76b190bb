package io.realign.serve;

import io.realign.task.Finding;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a net says of one image.
 *
 * @param finding its answer
 * @param confidence how sure it is, in [0,1]
 * @param probabilities of each class where the answer is one class; else empty
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Prediction(Finding finding, float confidence, float[] probabilities) {

  /** The answers to a batch. */
  static List<Prediction> of(Task task, Outputs outputs) {
    List<Finding> findings = task.findings(task.predictions(outputs));
    float[] confidence = Ops.toFloats(task.confidence(outputs));
    boolean classes = findings.getFirst() instanceof Finding.OneClass;
    float[] all = classes ? Ops.toFloats(outputs.logits().softmax(1)) : new float[0]; // [N,K]
    int count = all.length / findings.size();
    List<Prediction> predictions = new ArrayList<>(findings.size());
    for (int i = 0; i < findings.size(); i++) {
      predictions.add(
          new Prediction(
              findings.get(i), confidence[i], Arrays.copyOfRange(all, i * count, (i + 1) * count)));
    }
    return predictions;
  }
}
