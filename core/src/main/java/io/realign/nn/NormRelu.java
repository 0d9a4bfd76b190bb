package io.realign.nn;

import io.realign.torch.Ops;
import io.realign.torch.Scope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Batch norm, then ReLU, in front of a convolution: no convolution precedes it that could take the
 * norm in, so freezing its {@link Params} turns the norm into a scale and a shift by channel.
 */
public final class NormRelu implements Layer {

  private final BatchNorm2d norm;
  private @Nullable Tensor scale;
  private @Nullable Tensor shift;

  private NormRelu(BatchNorm2d norm) {
    this.norm = norm;
  }

  /** Declares the tensors of a {@link BatchNorm2d}. */
  public static NormRelu of(Params p, int channels) {
    NormRelu layer = new NormRelu(BatchNorm2d.of(p, channels));
    p.onFreeze(layer::fold);
    return layer;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Ops.reluInPlace(affine(x));
  }

  private Tensor affine(Tensor x) {
    // In bfloat16 the fp32 scale would promote x; the norm on stored statistics keeps its type.
    return scale == null || shift == null || !floats(x)
        ? norm.forward(x)
        : Ops.addInPlace(Ops.multiply(x, scale), shift);
  }

  private static boolean floats(Tensor x) {
    return x.scalar_type().intern() == torch.ScalarType.Float;
  }

  /** Whether the norm is a scale and a shift. */
  public boolean folded() {
    return scale != null;
  }

  private void fold() {
    BatchNorm2d.Affine affine = norm.affine();
    scale = Scope.result(() -> affine.scale().view(1, -1, 1, 1));
    shift = Scope.result(() -> affine.shift().view(1, -1, 1, 1));
  }
}
