package io.realign.attack;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** The search for c of {@link CarliniWagner}, and Adam within; each image has a c of its own. */
final class CarliniWagnerSearch {

  private static final double LARGEST = 1e10; // the c of the last search where none was found
  private static final int CHECKS = 10; // how often a search asks whether it still gets better
  private static final double BETTER = .9999;

  private final CarliniWagner attack;
  private final Oracle oracle;
  private final Tensor clean;
  private final Tensor labels;
  private final Tensor start; // w of the clean images
  private final Tensor anchor; // the clean images as w can say them
  private final Tensor best; // written in place
  private final double[] shortest;
  private final double[] low;
  private final double[] high;
  private final double[] constants;
  private long asked;

  /** For images that the target gets right. */
  CarliniWagnerSearch(CarliniWagner attack, Oracle oracle, Tensor images, Tensor labels) {
    int n = (int) images.size(0);
    this.attack = attack;
    this.oracle = oracle;
    this.clean = images;
    this.labels = labels;
    this.start = CarliniWagner.inside(images).atanh();
    this.anchor = Ops.affine(start.tanh(), .5, .5);
    this.best = images.clone();
    this.shortest = filled(n, Double.POSITIVE_INFINITY);
    this.low = filled(n, 0);
    this.high = filled(n, Double.POSITIVE_INFINITY);
    this.constants = filled(n, attack.constant());
  }

  private static double[] filled(int n, double value) {
    double[] values = new double[n];
    Arrays.fill(values, value);
    return values;
  }

  /** The nearest image with a lost margin; the clean one where none was found. */
  Tensor run() {
    for (int search = 0; search < attack.searches(); search++) {
      boolean last = search == attack.searches() - 1 && attack.searches() >= 10;
      for (int i = 0; last && i < constants.length; i++) {
        constants[i] = Math.min(high[i], LARGEST);
      }
      boolean[] found = descend();
      for (int i = 0; i < found.length; i++) {
        if (found[i]) {
          high[i] = constants[i];
        } else {
          low[i] = constants[i];
        }
        constants[i] = Double.isInfinite(high[i]) ? 10 * low[i] : (low[i] + high[i]) / 2;
      }
    }
    return best;
  }

  /** Adam with the present c; says which images it found a lost margin for. */
  private boolean[] descend() {
    boolean[] found = new boolean[constants.length];
    try (Scope scope = Scope.open()) {
      Tensor c = column(constants);
      Tensor w = start.clone(); // written in place
      AdamSteps adam = new AdamSteps(w, attack.stepSize());
      double before = Double.POSITIVE_INFINITY;
      int check = (attack.steps() + CHECKS - 1) / CHECKS;
      for (int step = 1; step <= attack.steps(); step++) {
        try (Scope each = Scope.open()) {
          boolean checked = (step - 1) % check == 0; // as published, before the first step too
          double loss = step(c, w, adam, found, checked);
          if (checked) {
            if (loss > BETTER * before) {
              break;
            }
            before = loss;
          }
        }
      }
    }
    return found;
  }

  /**
   * One step of Adam along the gradient by w.
   *
   * @param checked whether the objective is asked for
   * @return its value over all images before the step, if it is
   */
  private double step(Tensor c, Tensor w, AdamSteps adam, boolean[] found, boolean checked) {
    Tensor x = w.tanh().mul_(new Scalar(.5)).add_(new Scalar(.5));
    Oracle.Point point = oracle.at(x, new LostMargin(labels, attack.confidence()), asked++);
    note(x, point, found);
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor away = x.sub(anchor);
      double loss = checked ? loss(away, c, point) : Double.NaN;
      // (2·away + c·g)·dx/dw with dx/dw = 2·x·(1 − x), worked out in place
      Tensor gradient = point.gradient().mul_(c).add_(away, new Scalar(2.0));
      gradient.mul_(x.mul(x).sub_(x)).mul_(new Scalar(-2.0));
      adam.step(w, gradient);
      return loss;
    }
  }

  private static double loss(Tensor away, Tensor c, Oracle.Point point) {
    Tensor squares = away.mul(away).flatten(1, -1).sum(1);
    return squares.add(c.view(-1).mul(point.value())).sum().item_double();
  }

  /** Keeps what is nearer than before among the images with a lost margin. */
  private void note(Tensor x, Oracle.Point point, boolean[] found) {
    float[] lost = Ops.toFloats(point.value());
    boolean[] right = Survivors.right(point.logits(), labels);
    boolean[] candidates = new boolean[lost.length];
    boolean any = false;
    for (int i = 0; i < lost.length; i++) {
      // the hinge is 0 at a tie too, which the target still gets right
      candidates[i] = lost[i] <= 0 && !right[i];
      any |= candidates[i];
    }
    if (!any) {
      return;
    }
    float[] away = Ops.toFloats(new Ball(Norm.L2, 1).distances(x, clean));
    boolean[] nearer = new boolean[lost.length];
    for (int i = 0; i < lost.length; i++) {
      if (candidates[i]) {
        found[i] = true;
        if (away[i] < shortest[i]) {
          shortest[i] = away[i];
          nearer[i] = true;
        }
      }
    }
    long[] rows = Ops.indices(nearer);
    if (rows.length > 0) {
      Tensor index = Ops.rows(rows, x);
      best.index_copy_(0, index, x.index_select(0, index));
    }
  }

  private Tensor column(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Ops.floats(floats, floats.length, 1, 1, 1).to(clean.device(), clean.scalar_type());
  }
}
