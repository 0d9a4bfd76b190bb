package io.realign.attack;

import io.realign.task.Outputs;
import io.realign.torch.Ops;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * What attacks on segmentation climb: a value of each pixel, averaged over the pixels that are
 * known.
 *
 * @param kind the value
 * @param labels {@code [N,H,W]}
 * @param progress the share of the steps that are done, in [0,1)
 */
record PixelObjective(Kind kind, Tensor labels, double progress) implements Objective {

  /** The value of a pixel. */
  enum Kind {
    /**
     * −max(z_y − max_{j≠y} z_j, 0) of Carlini and Wagner, pixel by pixel; this project's reading.
     */
    MARGIN,
    /** Cross-entropy where the pixel is still right (Croce et al., 2024, arXiv 2306.12941). */
    MASKED,
    /**
     * Cross-entropy, that of right pixels weighed 1 − λ, of wrong ones λ, which rises to ½ (SegPGD;
     * Gu et al., 2022, arXiv 2207.12391, equations 4 and 5).
     */
    BALANCED,
    /** Cross-entropy, weighed by how near p lies to the truth (CosPGD; arXiv 2302.02213). */
    COSINE,
    /** The Jensen–Shannon divergence of p and the truth (Croce et al., 2024). */
    JENSEN_SHANNON
  }

  private static final double TINY = 1e-12;

  @Override
  public Tensor of(Outputs outputs) {
    Tensor logits = outputs.logits(); // [N,K,H,W]
    Tensor value = // [N,H,W]
        switch (kind) {
          case MARGIN -> margins(logits, labels).clamp_min(new Scalar(0.0)).neg();
          case MASKED -> entropy(logits).mul(right(logits));
          case BALANCED -> balanced(logits);
          case COSINE -> entropy(logits).mul(cosine(logits).detach());
          case JENSEN_SHANNON -> divergence(logits);
        };
    Tensor known = labels.ge(new Scalar(0)).to(logits.scalar_type());
    Tensor count = known.flatten(1, -1).sum(1).clamp_min(new Scalar(1.0));
    return value.mul(known).flatten(1, -1).sum(1).div(count);
  }

  private Tensor entropy(Tensor logits) {
    return Ops.crossEntropies(logits, labels);
  }

  private Tensor right(Tensor logits) {
    return logits
        .argmax(new org.bytedeco.pytorch.LongOptional(1), false)
        .eq(labels)
        .to(logits.scalar_type());
  }

  private Tensor balanced(Tensor logits) {
    double wrong = progress / 2; // λ
    Tensor right = right(logits);
    return entropy(logits).mul(Ops.affine(right, 1 - 2 * wrong, wrong));
  }

  /** {@code [N,K,H,W]}; zero where nobody knows. */
  private static Tensor truth(Tensor logits, Tensor labels) {
    return Ops.oneHot(labels, Math.toIntExact(logits.size(1)))
        .permute(0, 3, 1, 2)
        .to(logits.scalar_type());
  }

  /** z_y − max_{j≠y} z_j of each pixel, {@code [N,H,W]}; means nothing where nobody knows. */
  static Tensor margins(Tensor logits, Tensor labels) {
    Tensor own = truth(logits, labels);
    return logits.mul(own).sum(1).sub(Ops.max(logits.sub(Ops.scale(own, 1e9)), 1));
  }

  /** p_y / ‖p‖. */
  private Tensor cosine(Tensor logits) {
    Tensor p = logits.softmax(1);
    return p.mul(truth(logits, labels)).sum(1).div(p.mul(p).sum(1).sqrt());
  }

  /** ½·KL(p‖m) + ½·KL(y‖m) with m = ½(p + y); only y has a part in the second sum. */
  private Tensor divergence(Tensor logits) {
    Tensor p = logits.softmax(1);
    Tensor y = truth(logits, labels);
    Tensor logMean = Ops.shift(Ops.scale(p.add(y), .5), TINY).log();
    Tensor first = p.mul(logits.log_softmax(1).sub(logMean)).sum(1);
    Tensor second = y.mul(logMean).sum(1).neg(); // log y = 0
    return Ops.scale(first.add(second), .5);
  }

  @Override
  public Objective rows(Tensor rows) {
    return new PixelObjective(kind, labels.index_select(0, rows), progress);
  }

  @Override
  public Objective at(double done) {
    return kind == Kind.BALANCED ? new PixelObjective(kind, labels, done) : this;
  }
}
