package io.realign.align;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * L_p, equation (2): the distance of the pairs of {@link ReconstructionLoss} in the features of a
 * net trained on ImageNet (Johnson et al., 2016).
 *
 * @param scheme the pairs
 * @param net Φ: images to the features of its stages
 * @param stageWeights the weight of each stage
 * @param share the part of a batch that is compared, in (0,1]: the first images; where that is less
 *     than one, a square or rectangle in the middle of the first
 * @param detachReference whether the second image of each pair passes no gradient on, as in the
 *     released code
 */
public record PerceptualLoss(
    PixelScheme scheme,
    StageFeatures net,
    List<Double> stageWeights,
    double share,
    boolean detachReference) {

  private static final long SMALLEST = 32; // pixels of a side that all stages have places for

  /** Φ: images {@code [N,3,H,W]} in [0,1] to one feature map a stage. */
  @FunctionalInterface
  public interface StageFeatures {
    /** The feature maps of the stages, in order. */
    List<Tensor> of(Tensor images);
  }

  /** Copies the list. */
  public PerceptualLoss {
    stageWeights = List.copyOf(stageWeights);
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("the share of a batch must be in (0,1], not " + share);
    }
  }

  /** A scalar; arguments as in {@link ReconstructionLoss#of}. */
  public Tensor of(Tensor allClean, Tensor allRepairedClean, Tensor allRepairedAttacked) {
    long n = Math.max(1, Math.round(share * allClean.size(0)));
    Tensor clean = compared(allClean, n);
    Tensor repairedClean = compared(allRepairedClean, n);
    Tensor repairedAttacked = compared(allRepairedAttacked, n);
    List<Tensor> cleanStages = new ArrayList<>();
    try (NoGradGuard guard = new NoGradGuard();
        Scope scope = Scope.open()) {
      net.of(clean).forEach(stage -> cleanStages.add(scope.keep(stage)));
    }
    List<Tensor> repaired = net.of(torch.cat(new TensorVector(repairedClean, repairedAttacked), 0));
    Tensor sum = torch.zeros(1).to(clean.device(), clean.scalar_type()).squeeze();
    for (int i = 0; i < repaired.size(); i++) {
      Tensor ofClean = repaired.get(i).narrow(0, 0, n);
      Tensor ofAttacked = repaired.get(i).narrow(0, n, n);
      Tensor reference =
          switch (scheme) {
            case ALIGNED -> detachReference ? ofClean.detach() : ofClean;
            case TRADITIONAL -> cleanStages.get(i);
          };
      // Σ_i w_i (mean|Φ_i(x̂_c) − Φ_i(x_c)| + mean|Φ_i(x̂_a) − Φ_i(x̂_c)|)
      Tensor distance =
          Ops.meanAbs(ofClean, cleanStages.get(i)).add(Ops.meanAbs(ofAttacked, reference));
      sum = sum.add(Ops.scale(distance, stageWeights.get(i)));
    }
    return sum;
  }

  /** The first {@code n} images, or the middle of one. */
  private Tensor compared(Tensor all, long n) {
    Tensor first = all.narrow(0, 0, n);
    double part = Math.sqrt(Math.min(1, share * all.size(0))); // of height and width
    return part == 1 ? first : middle(middle(first, 2, part), 3, part);
  }

  private static Tensor middle(Tensor images, int dimension, double part) {
    long size = images.size(dimension);
    long kept = Math.min(size, Math.max(SMALLEST, Math.round(part * size)));
    return images.narrow(dimension, (size - kept) / 2, kept);
  }
}
