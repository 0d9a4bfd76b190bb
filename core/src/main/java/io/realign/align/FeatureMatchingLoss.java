package io.realign.align;

import io.realign.torch.Ops;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * L_m, equation (4): the distance of fake and real images in D's intermediate features (Wang et
 * al., 2018).
 *
 * <p>The real side passes no gradient on. Each map weighs (4 / (layers + 1)) / scales, as in
 * pix2pixHD.
 */
public final class FeatureMatchingLoss {

  private FeatureMatchingLoss() {}

  /**
   * A scalar.
   *
   * @param fake by scale, D's feature maps of the fake images
   * @param real likewise of the real ones
   */
  public static Tensor of(List<List<Tensor>> fake, List<List<Tensor>> real) {
    Tensor sum = null;
    for (int scale = 0; scale < fake.size(); scale++) {
      int layers = fake.get(scale).size(); // n_layers + 1 maps come before the prediction
      for (int layer = 0; layer < layers; layer++) {
        Tensor distance =
            Ops.meanAbs(fake.get(scale).get(layer), real.get(scale).get(layer).detach());
        Tensor weighted = Ops.scale(distance, 4.0 / layers / fake.size());
        sum = sum == null ? weighted : sum.add(weighted);
      }
    }
    if (sum == null) {
      throw new IllegalArgumentException("a discriminator without scales has no features to match");
    }
    return sum;
  }
}
