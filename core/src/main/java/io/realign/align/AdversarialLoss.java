package io.realign.align;

import io.realign.torch.Ops;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * L_GANg and L_GANd, equation (3): least-squares GAN (Mao et al., 2017), summed over D's scales.
 *
 * <p>Real is x̂_c and fake is x̂_a; in the traditional scheme real is x_c, and x̂_c and x̂_a are
 * both fake.
 */
public final class AdversarialLoss {

  private AdversarialLoss() {}

  /** L_GANg for one kind of fake: Σ_scales mean (D(fake) − 1)². */
  public static Tensor generator(List<Tensor> fake) {
    return distanceTo(fake, 1);
  }

  /** L_GANd: ½ [Σ_scales mean (D(real) − 1)² + Σ_fakes Σ_scales mean D(fake)²]. */
  public static Tensor discriminator(List<Tensor> real, List<List<Tensor>> fakes) {
    Tensor sum = distanceTo(real, 1);
    for (List<Tensor> fake : fakes) {
      sum = sum.add(distanceTo(fake, 0));
    }
    return Ops.scale(sum, .5);
  }

  private static Tensor distanceTo(List<Tensor> maps, double goal) {
    return maps.stream()
        .map(map -> Ops.shift(map.to(torch.ScalarType.Float), -goal).pow(new Scalar(2.0)).mean())
        .reduce(Tensor::add)
        .orElseThrow();
  }
}
