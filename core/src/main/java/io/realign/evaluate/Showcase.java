package io.realign.evaluate;

import io.realign.data.Batch;
import io.realign.io.Images;
import io.realign.task.ClassFeatures;
import io.realign.task.Task;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The images that a report shows: chosen by index and class, never by outcome.
 *
 * <p>Examples are the first image of each class, then the first images that are left. Features are
 * those of images at even distances; of masks and boxes several of an image where there are few.
 */
final class Showcase {

  /** Examples at most. */
  static final int EXAMPLES = 16;

  /** Rows of features at most that are kept of each state. */
  static final int FEATURES = 300;

  private final Task task;
  private final int labels;
  private final Optional<Evaluation.Shown> shown;
  private final Set<Integer> sampled = new HashSet<>();
  private final Set<Integer> classes = new HashSet<>();
  private final List<Example> firsts = new ArrayList<>();
  private final List<Example> others = new ArrayList<>();
  private final List<FeaturePoint> features = new ArrayList<>();
  private final Map<Integer, List<Integer>> rows = new HashMap<>(); // by image: those kept
  private final Map<Long, Integer> counts = new HashMap<>(); // by class: rows kept so far

  Showcase(EvaluationPlan plan, Threat threat) {
    task = plan.task();
    labels = plan.target().classes();
    shown =
        plan.attacks().stream()
            .findFirst()
            .map(
                attack ->
                    new Evaluation.Shown(Tally.cell(attack, plan.settings().round8()), threat));
    int size = plan.dataset().size();
    int count = Math.min(FEATURES, size);
    for (int i = 0; i < count; i++) {
      sampled.add((int) ((long) i * size / count));
    }
  }

  /** Looks through batches that have been scored in every state. */
  void add(List<Batch> batches, List<Tensor> truths, Map<ImageState, List<Scored>> states) {
    if (shown.isEmpty()) {
      return;
    }
    for (int b = 0; b < batches.size(); b++) {
      Map<ImageState, Scored> scored = new EnumMap<>(ImageState.class);
      for (Map.Entry<ImageState, List<Scored>> state : states.entrySet()) {
        scored.put(state.getKey(), state.getValue().get(b));
      }
      add(batches.get(b), truths.get(b), scored);
    }
  }

  private void add(Batch batch, Tensor truth, Map<ImageState, Scored> states) {
    for (int row = 0; row < batch.size(); row++) {
      int index = batch.indices()[row];
      int label = batch.annotations().get(row).label();
      if (firsts.size() < EXAMPLES && classes.add(label)) {
        firsts.add(example(index, label, row, truth, states));
      } else if (others.size() < EXAMPLES) {
        others.add(example(index, label, row, truth, states));
      }
    }
    states.forEach((state, scored) -> features(batch, truth, state, scored));
  }

  private Example example(
      int index, int label, int row, Tensor truths, Map<ImageState, Scored> states) {
    Map<ImageState, Example.View> views = new EnumMap<>(ImageState.class);
    try (Scope scope = Scope.open()) {
      Tensor truth = truths.narrow(0, row, 1);
      states.forEach(
          (state, scored) -> {
            Tensor predicted = scored.predicted().narrow(0, row, 1);
            views.put(
                state,
                new Example.View(
                    Images.fromTensor(scored.seen().narrow(0, row, 1)).getFirst(),
                    task.findings(predicted).getFirst(),
                    Ops.toFloats(scored.score())[row],
                    task.judge(predicted, truth).getFirst().value()));
          });
      return new Example(index, label, task.findings(truth).getFirst(), views);
    }
  }

  /**
   * So many rows that few images too make a picture: each of the class that was chosen least often
   * so far, in the middle of what is left of it. None where no class is known.
   */
  private List<Integer> rarest(long[] classes) {
    List<Integer> left =
        new ArrayList<>(
            IntStream.range(0, classes.length).filter(i -> classes[i] >= 0).boxed().toList());
    List<Integer> chosen = new ArrayList<>();
    while (chosen.size() < Math.max(1, FEATURES / sampled.size()) && !left.isEmpty()) {
      long rarest =
          left.stream()
              .map(row -> classes[row])
              .min(
                  Comparator.<Long>comparingInt(label -> counts.getOrDefault(label, 0))
                      .thenComparing(Comparator.reverseOrder())) // class 0 is often the background
              .orElseThrow();
      List<Integer> own = left.stream().filter(row -> classes[row] == rarest).toList();
      Integer row = own.get(own.size() / 2);
      left.remove(row);
      chosen.add(row);
      counts.merge(rarest, 1, Integer::sum);
    }
    return chosen;
  }

  /** Rows of each chosen image: its own, or those of pixels or boxes of it. */
  private void features(Batch batch, Tensor truths, ImageState state, Scored scored) {
    for (int row = 0; row < batch.size(); row++) {
      int index = batch.indices()[row];
      if (!sampled.contains(index)) {
        continue;
      }
      try (Scope scope = Scope.open()) {
        ClassFeatures found =
            task.features(scored.features().narrow(0, row, 1), truths.narrow(0, row, 1), labels);
        long[] classes = Ops.toLongs(found.labels());
        for (int chosen : rows.computeIfAbsent(index, i -> rarest(classes))) {
          features.add(
              new FeaturePoint(
                  Ops.toFloats(found.rows().select(0, chosen)), state, (int) classes[chosen]));
        }
      }
    }
  }

  Optional<Evaluation.Shown> shown() {
    return shown;
  }

  List<Example> examples() {
    Map<Integer, Example> chosen = new TreeMap<>();
    firsts.forEach(example -> chosen.put(example.index(), example));
    for (Example example : others) {
      if (chosen.size() < EXAMPLES) {
        chosen.put(example.index(), example);
      }
    }
    return List.copyOf(chosen.values());
  }

  List<FeaturePoint> features() {
    return features;
  }
}
