package io.realign.evaluate;

import io.realign.data.Batch;
import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The images that a report shows: chosen by index and class, never by outcome.
 *
 * <p>Examples are the first image of each class, then the first images that are left. Features are
 * those of images at even distances.
 */
final class Showcase {

  /** Examples at most. */
  static final int EXAMPLES = 16;

  /** Images at most whose features are kept. */
  static final int FEATURES = 300;

  private final Optional<Evaluation.Shown> shown;
  private final Set<Integer> sampled = new HashSet<>();
  private final Set<Integer> classes = new HashSet<>();
  private final List<Example> firsts = new ArrayList<>();
  private final List<Example> others = new ArrayList<>();
  private final List<FeaturePoint> features = new ArrayList<>();

  Showcase(EvaluationPlan plan, Threat threat) {
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
  void add(List<Batch> batches, Map<ImageState, List<Scored>> states) {
    if (shown.isEmpty()) {
      return;
    }
    for (int b = 0; b < batches.size(); b++) {
      Map<ImageState, Scored> scored = new EnumMap<>(ImageState.class);
      for (Map.Entry<ImageState, List<Scored>> state : states.entrySet()) {
        scored.put(state.getKey(), state.getValue().get(b));
      }
      add(batches.get(b), scored);
    }
  }

  private void add(Batch batch, Map<ImageState, Scored> states) {
    for (int row = 0; row < batch.size(); row++) {
      int index = batch.indices()[row];
      int label = batch.annotations().get(row).label();
      if (firsts.size() < EXAMPLES && classes.add(label)) {
        firsts.add(example(index, label, row, states));
      } else if (others.size() < EXAMPLES) {
        others.add(example(index, label, row, states));
      }
    }
    states.forEach((state, scored) -> features(batch, state, scored));
  }

  private static Example example(int index, int label, int row, Map<ImageState, Scored> states) {
    Map<ImageState, Example.View> views = new EnumMap<>(ImageState.class);
    try (Scope scope = Scope.open()) {
      states.forEach(
          (state, scored) -> {
            Pixels image = Images.fromTensor(scored.seen().narrow(0, row, 1)).getFirst();
            views.put(
                state,
                new Example.View(
                    image,
                    (int) Ops.toLongs(scored.predicted())[row],
                    Ops.toFloats(scored.score())[row]));
          });
    }
    return new Example(index, label, views);
  }

  private void features(Batch batch, ImageState state, Scored scored) {
    float[] rows = Ops.toFloats(scored.features()); // [N,D]
    int width = rows.length / batch.size();
    for (int row = 0; row < batch.size(); row++) {
      if (sampled.contains(batch.indices()[row])) {
        float[] point = new float[width];
        System.arraycopy(rows, row * width, point, 0, width);
        features.add(new FeaturePoint(point, state, batch.annotations().get(row).label()));
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
