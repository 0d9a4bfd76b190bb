package io.realign.task;

import io.realign.torch.Ops;
import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The loss of a single-shot detector (Liu et al., 2016, arXiv 1512.02325, equations 1 to 3):
 * cross-entropy of the priors that answer for objects and of three times as many hard backgrounds,
 * and smooth L1 of the objects' offsets.
 *
 * @param task priors, coding and scores
 * @param backgrounds which of them count
 */
record MultiBoxLoss(Detection task, Backgrounds backgrounds) {

  /** Which priors without an object count, and how much. */
  enum Backgrounds {
    /** The hardest, three for each prior with an object. */
    HARD,
    /** All, weighed by {@link FocalLoss}; for sigmoids alone. */
    FOCAL
  }

  private static final int BACKGROUNDS = 3; // for each prior that answers for an object

  /**
   * The two parts.
   *
   * @param classification sum over the priors of each image {@code [N]}
   * @param localisation likewise
   * @param objects priors of the batch that answer for objects, at least 1: what sums are divided
   *     by
   */
  record Terms(Tensor classification, Tensor localisation, int objects) {}

  /** The parts for a batch; for each image by itself divide by its own objects. */
  Terms of(Outputs outputs, Tensor labels) {
    Tensor logits = outputs.logits().to(torch.ScalarType.Float); // [N,P,K+1]
    Tensor offsets = outputs.offsets().orElseThrow().to(torch.ScalarType.Float); // [N,P,4]
    int images = Math.toIntExact(logits.size(0));
    int priors = task.priors().count();
    float[] truth = Ops.toFloats(labels);
    int each = truth.length / images;
    long[] kinds = new long[images * priors];
    float[] wanted = new float[images * priors * Priors.VALUES];
    int[] objects = new int[images];
    for (int image = 0; image < images; image++) {
      Matching matching =
          Matching.of(
              task.priors(),
              task.coding(),
              Arrays.copyOfRange(truth, image * each, (image + 1) * each));
      System.arraycopy(matching.labels(), 0, kinds, image * priors, priors);
      System.arraycopy(
          matching.offsets(), 0, wanted, image * priors * Priors.VALUES, priors * Priors.VALUES);
      objects[image] = matching.objects();
    }
    Tensor label = Ops.longs(kinds, images, priors).to(logits.device(), torch.ScalarType.Long);
    Tensor classification = // [N]
        switch (backgrounds) {
          case HARD -> {
            Tensor entropy = entropy(logits, label); // [N,P]
            yield entropy.mul(counted(Ops.toFloats(entropy), kinds, objects, entropy)).sum(1);
          }
          case FOCAL -> FocalLoss.of(logits, label).sum(1);
        };
    Tensor isObject = label.gt(new Scalar(0)).to(logits.scalar_type());
    Tensor target =
        Ops.floats(wanted, images, priors, Priors.VALUES).to(logits.device(), logits.scalar_type());
    Tensor away = torch.smooth_l1_loss(offsets, target, torch.Reduction.None.value, 1).sum(2);
    int all = Arrays.stream(objects).sum();
    return new Terms(classification, away.mul(isObject).sum(1), Math.max(1, all));
  }

  private Tensor entropy(Tensor logits, Tensor label) {
    return switch (task.scores()) {
      case SOFTMAX -> Ops.crossEntropies(logits.transpose(1, 2), label);
      case SIGMOID -> {
        Tensor own = Ops.oneHot(label, Math.toIntExact(logits.size(2)));
        Tensor each = // softplus(z) − z·t, over the classes without background
            torch.softplus(logits).sub(logits.mul(own)).narrow(2, 1, logits.size(2) - 1);
        yield each.sum(2);
      }
    };
  }

  /** 1 for the priors that count: those with objects, and the backgrounds of the highest loss. */
  private static Tensor counted(float[] entropy, long[] kinds, int[] objects, Tensor like) {
    int images = objects.length;
    int priors = kinds.length / images;
    float[] counted = new float[kinds.length];
    for (int image = 0; image < images; image++) {
      int first = image * priors;
      float[] backgrounds = new float[priors - objects[image]];
      for (int prior = 0, at = 0; prior < priors; prior++) {
        if (kinds[first + prior] == 0) {
          backgrounds[at++] = entropy[first + prior];
        }
      }
      Arrays.sort(backgrounds);
      int hard = Math.min(BACKGROUNDS * objects[image], backgrounds.length);
      float least = hard == 0 ? Float.POSITIVE_INFINITY : backgrounds[backgrounds.length - hard];
      int left = hard;
      for (int prior = 0; prior < priors; prior++) {
        boolean object = kinds[first + prior] > 0;
        if (object || (entropy[first + prior] >= least && left-- > 0)) {
          counted[first + prior] = 1;
        }
      }
    }
    return Ops.floats(counted, images, priors).to(like.device(), like.scalar_type());
  }
}
