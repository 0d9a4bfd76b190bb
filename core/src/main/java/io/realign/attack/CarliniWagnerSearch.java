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
  private static final double BETA1 = .9;
  private static final double BETA2 = .999;
  private static final double TINY = 1e-8;
  private static final int CHECKS = 10; // how often a search asks whether it still gets better
  private static final double BETTER = .9999;

  private final CarliniWagner attack;
  private final Oracle oracle;
  private final Tensor clean;
  private final Tensor labels;
  private final Tensor start; // w of the clean images
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
      Tensor w = start.clone(); // written in place, as the moments are
      Tensor first = w.clone().zero_();
      Tensor second = w.clone().zero_();
      double before = Double.POSITIVE_INFINITY;
      int check = (attack.steps() + CHECKS - 1) / CHECKS;
      for (int step = 1; step <= attack.steps(); step++) {
        try (Scope each = Scope.open()) {
          double loss = step(c, w, first, second, step, found);
          if (step % check == 0) {
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

  /** One step; the value of the objective over all images before it. */
  private double step(Tensor c, Tensor w, Tensor first, Tensor second, int step, boolean[] found) {
    Tensor x = Ops.affine(w.tanh(), .5, .5);
    Oracle.Point point = oracle.at(x, new LostMargin(labels, attack.confidence()), asked++);
    note(x, point, found);
    try (NoGradGuard guard = new NoGradGuard()) {
      Tensor anchor = Ops.affine(start.tanh(), .5, .5); // the clean image as w can say it
      Tensor away = x.sub(anchor);
      Tensor squares = away.mul(away).flatten(1, -1).sum(1);
      double loss = squares.add(c.view(-1).mul(point.value())).sum().item_double();
      // dx/dw = 2·x·(1 − x)
      Tensor slope = Ops.scale(x.mul(Ops.affine(x, -1, 1)), 2);
      Tensor gradient = Ops.scale(away, 2).add(c.mul(point.gradient())).mul(slope);
      first.mul_(new Scalar(BETA1)).add_(Ops.scale(gradient, 1 - BETA1));
      second.mul_(new Scalar(BETA2)).add_(Ops.scale(gradient.mul(gradient), 1 - BETA2));
      Tensor mean = Ops.scale(first, 1 / (1 - Math.pow(BETA1, step)));
      Tensor spread = Ops.scale(second, 1 / (1 - Math.pow(BETA2, step))).sqrt();
      w.sub_(Ops.scale(mean.div(Ops.shift(spread, TINY)), attack.stepSize()));
      return loss;
    }
  }

  /** Keeps what is nearer than before among the images with a lost margin. */
  private void note(Tensor x, Oracle.Point point, boolean[] found) {
    float[] lost = Ops.toFloats(point.value());
    boolean[] right = Survivors.right(point.logits(), labels);
    float[] away = Ops.toFloats(new Ball(Norm.L2, 1).distances(x, clean));
    for (int i = 0; i < lost.length; i++) {
      // the hinge is 0 at a tie too, which the target still gets right
      if (lost[i] <= 0 && !right[i]) {
        found[i] = true;
        if (away[i] < shortest[i]) {
          shortest[i] = away[i];
          best.select(0, i).copy_(x.select(0, i));
        }
      }
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
