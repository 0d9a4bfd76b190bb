package io.realign.align;

import io.realign.align.Discriminator.Opinion;
import io.realign.target.Target;
import io.realign.task.ClassFeatures;
import io.realign.task.Outputs;
import io.realign.task.Task;
import io.realign.torch.Ops;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * L_g, equations (9) and (10): all terms for one batch, weighted; and L_GANd, the loss of D.
 *
 * @param task what is asked of the target
 * @param target O
 * @param preset which terms are on
 * @param weights λ
 * @param featuresAreLogits whether z is O's output, as released, or the layer before it, as in the
 *     paper
 * @param perceptual L_p, if a perceptual net is there
 */
public record AlignmentLoss(
    Task task,
    Target target,
    LossPreset preset,
    LossWeights weights,
    boolean featuresAreLogits,
    Optional<PerceptualLoss> perceptual) {

  /**
   * One batch on its way through G.
   *
   * @param clean x_c
   * @param labels y
   * @param repairedClean x̂_c = G(x_c)
   * @param repairedAttacked x̂_a = G(x_a)
   */
  public record Repaired(
      Tensor clean, Tensor labels, Tensor repairedClean, Tensor repairedAttacked) {

    /** G on both halves at once. */
    public static Repaired by(Generator generator, Tensor clean, Tensor attacked, Tensor labels) {
      long n = clean.size(0);
      Tensor both =
          generator.forward(torch.cat(new TensorVector(clean, attacked), 0)); // [2N,3,H,W]
      return new Repaired(clean, labels, both.narrow(0, 0, n), both.narrow(0, n, n));
    }

    /** The same images without the graph back to G. */
    Repaired detached() {
      return new Repaired(clean, labels, repairedClean.detach(), repairedAttacked.detach());
    }
  }

  /** The weighted terms by name, in the order of the paper's equations; {@link #total} is L_g. */
  public record Terms(SequencedMap<String, Tensor> byName) {

    /** Σ of the terms, a scalar. */
    public Tensor total() {
      return byName.values().stream().reduce(Tensor::add).orElseThrow();
    }
  }

  /** Whether D has a part in this loss. */
  public boolean adversarial() {
    return preset.pixels().isPresent() && weights.adversarial() + weights.matching() > 0;
  }

  /** L_g and its parts; D must not collect gradients meanwhile. */
  public Terms generator(Repaired batch, Discriminator discriminator) {
    SequencedMap<String, Tensor> terms = new LinkedHashMap<>();
    preset.pixels().ifPresent(scheme -> pixelTerms(terms, scheme, batch, discriminator));
    if (preset.features()) {
      featureTerms(terms, batch);
    }
    return new Terms(terms);
  }

  /** L_GANd for images whose graph back to G is cut. */
  public Tensor discriminator(Repaired batch, Discriminator discriminator) {
    Repaired cut = batch.detached();
    long n = cut.clean.size(0);
    return switch (preset.pixels().orElseThrow()) {
      case ALIGNED -> {
        Opinion both = opinion(discriminator, cut, cut.repairedClean, cut.repairedAttacked);
        yield AdversarialLoss.discriminator(
            both.narrow(0, n).predictions(), List.of(both.narrow(n, n).predictions()));
      }
      case TRADITIONAL -> {
        Opinion all =
            opinion(discriminator, cut, cut.clean, cut.repairedClean, cut.repairedAttacked);
        yield AdversarialLoss.discriminator(
            all.narrow(0, n).predictions(),
            List.of(all.narrow(n, n).predictions(), all.narrow(2 * n, n).predictions()));
      }
    };
  }

  private void pixelTerms(
      SequencedMap<String, Tensor> terms,
      PixelScheme scheme,
      Repaired b,
      Discriminator discriminator) {
    put(
        terms,
        "reconstruction",
        weights.reconstruction(), // (1)
        new ReconstructionLoss(scheme).of(b.clean, b.repairedClean, b.repairedAttacked));
    perceptual.ifPresent(
        loss ->
            put(
                terms,
                "perceptual",
                weights.perceptual(), // (2)
                loss.of(b.clean, b.repairedClean, b.repairedAttacked)));
    if (!adversarial()) {
      return;
    }
    long n = b.clean.size(0);
    switch (scheme) {
      case ALIGNED -> {
        Opinion real = withoutGraph(discriminator, b, b.repairedClean);
        Opinion fake = opinion(discriminator, b, b.repairedAttacked);
        put(
            terms,
            "adversarial",
            weights.adversarial(),
            AdversarialLoss.generator(fake.predictions())); // (3)
        put(
            terms,
            "matching",
            weights.matching(),
            FeatureMatchingLoss.of(fake.features(), real.features())); // (4)
      }
      case TRADITIONAL -> {
        Opinion real = withoutGraph(discriminator, b, b.clean);
        Opinion fakes = opinion(discriminator, b, b.repairedClean, b.repairedAttacked);
        Opinion fakeClean = fakes.narrow(0, n);
        Opinion fakeAttacked = fakes.narrow(n, n);
        put(
            terms,
            "adversarial",
            weights.adversarial(),
            AdversarialLoss.generator(fakeClean.predictions())
                .add(AdversarialLoss.generator(fakeAttacked.predictions())));
        put(
            terms,
            "matching",
            weights.matching(),
            FeatureMatchingLoss.of(fakeClean.features(), real.features())
                .add(FeatureMatchingLoss.of(fakeAttacked.features(), real.features())));
      }
    }
  }

  private void featureTerms(SequencedMap<String, Tensor> terms, Repaired b) {
    long n = b.clean.size(0);
    Tensor zClean; // z_c
    try (NoGradGuard guard = new NoGradGuard()) {
      zClean = features(target.forward(b.clean));
    }
    Outputs both =
        target.forward(torch.cat(new TensorVector(b.repairedClean, b.repairedAttacked), 0));
    Outputs repairedClean = narrow(both, 0, n);
    Outputs repairedAttacked = narrow(both, n, n);
    Tensor zRepairedClean = features(repairedClean); // ẑ_c
    Tensor zRepairedAttacked = features(repairedAttacked); // ẑ_a
    put(
        terms,
        "task",
        weights.task(),
        new TaskLoss(task).of(repairedClean, repairedAttacked, b.labels)); // (5)
    put(
        terms,
        "feature_reconstruction",
        weights.featureReconstruction(), // (6)
        FeatureReconstructionLoss.of(zClean, zRepairedClean, zRepairedAttacked));
    if (preset.classes()) { // (9)
      ClassFeatures clean = task.features(zClean, b.labels, target.classes());
      ClassFeatures attacked = task.features(zRepairedAttacked, b.labels, target.classes());
      put(
          terms,
          "centre_alignment",
          weights.centreAlignment(),
          CentreAlignmentLoss.of(clean, attacked)); // (7)
      put(
          terms,
          "inter_class",
          weights.interClass(),
          new InterClassLoss(weights.margin()).of(attacked)); // (8)
      put(terms, "intra_class", weights.intraClass(), IntraClassLoss.of(attacked)); // (8)
    }
  }

  private Tensor features(Outputs outputs) {
    return featuresAreLogits ? outputs.logits() : outputs.features();
  }

  private static Outputs narrow(Outputs outputs, long from, long count) {
    return new Outputs(
        outputs.logits().narrow(0, from, count), outputs.features().narrow(0, from, count));
  }

  private Opinion withoutGraph(Discriminator discriminator, Repaired b, Tensor images) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return opinion(discriminator, b, images);
    }
  }

  private Opinion opinion(Discriminator discriminator, Repaired b, Tensor... images) {
    TensorVector all = new TensorVector(images);
    if (discriminator.config().conditions() == 0) {
      return discriminator.forward(torch.cat(all, 0), Optional.empty());
    }
    Tensor map = task.labelMap(b.labels, target.classes(), b.clean.size(2), b.clean.size(3));
    TensorVector maps = new TensorVector();
    for (int i = 0; i < images.length; i++) {
      maps.push_back(map);
    }
    return discriminator.forward(torch.cat(all, 0), Optional.of(torch.cat(maps, 0)));
  }

  private static void put(
      SequencedMap<String, Tensor> terms, String name, double weight, Tensor value) {
    if (weight > 0) {
      terms.put(name, Ops.scale(value, weight));
    }
  }
}
