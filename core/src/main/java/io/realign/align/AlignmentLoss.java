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
   * @param cleanFeatures z_c, if it is known already; see {@link #cleanFeatures}
   * @param labels y
   * @param repairedClean x̂_c = G(x_c)
   * @param repairedAttacked x̂_a = G(x_a)
   */
  public record Repaired(
      Tensor clean,
      Optional<Tensor> cleanFeatures,
      Tensor labels,
      Tensor repairedClean,
      Tensor repairedAttacked) {

    /** G on both halves at once. */
    public static Repaired by(
        Generator generator,
        Tensor clean,
        Optional<Tensor> cleanFeatures,
        Tensor attacked,
        Tensor labels) {
      long n = clean.size(0);
      Tensor both =
          generator.forward(torch.cat(new TensorVector(clean, attacked), 0)); // [2N,3,H,W]
      return new Repaired(clean, cleanFeatures, labels, both.narrow(0, 0, n), both.narrow(0, n, n));
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

  /**
   * What D says of one batch: real and fake images, each with the graph to D's weights, the fakes
   * with the one to G's too. One look serves both losses; see {@link #look}.
   */
  public record Look(Opinion real, List<Opinion> fakes) {}

  /** D's look at a batch, as the pixel scheme has it; empty when D has no part. */
  public Optional<Look> look(Repaired b, Discriminator discriminator) {
    if (!adversarial()) {
      return Optional.empty();
    }
    long n = b.clean.size(0);
    return Optional.of(
        switch (preset.pixels().orElseThrow()) {
          case ALIGNED -> {
            // x̂_c is the real sample: its graph to G is cut
            Opinion both = opinion(discriminator, b, b.repairedClean.detach(), b.repairedAttacked);
            yield new Look(both.narrow(0, n), List.of(both.narrow(n, n)));
          }
          case TRADITIONAL -> {
            Opinion all = opinion(discriminator, b, b.clean, b.repairedClean, b.repairedAttacked);
            yield new Look(all.narrow(0, n), List.of(all.narrow(n, n), all.narrow(2 * n, n)));
          }
        });
  }

  /**
   * z_c of clean images: a constant of the images, so a trainer that uses them more than once keeps
   * it. Empty when no term compares features.
   */
  public Optional<Tensor> cleanFeatures(Tensor clean) {
    if (!preset.features()) {
      return Optional.empty();
    }
    try (NoGradGuard guard = new NoGradGuard()) {
      return Optional.of(features(target.forward(clean)));
    }
  }

  /** L_g and its parts, to be differentiated by G's weights alone. */
  public Terms generator(Repaired batch, Optional<Look> look) {
    SequencedMap<String, Tensor> terms = new LinkedHashMap<>();
    preset.pixels().ifPresent(scheme -> pixelTerms(terms, scheme, batch));
    look.ifPresent(seen -> adversarialTerms(terms, seen));
    if (preset.features()) {
      featureTerms(terms, batch);
    }
    return new Terms(terms);
  }

  /** L_GANd, to be differentiated by D's weights alone. */
  public Tensor discriminator(Look look) {
    return AdversarialLoss.discriminator(
        look.real.predictions(), look.fakes.stream().map(Opinion::predictions).toList());
  }

  private void pixelTerms(SequencedMap<String, Tensor> terms, PixelScheme scheme, Repaired b) {
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
  }

  private void adversarialTerms(SequencedMap<String, Tensor> terms, Look look) {
    Tensor fooled = // (3)
        look.fakes.stream()
            .map(fake -> AdversarialLoss.generator(fake.predictions()))
            .reduce(Tensor::add)
            .orElseThrow();
    put(terms, "adversarial", weights.adversarial(), fooled);
    Tensor matched = // (4)
        look.fakes.stream()
            .map(fake -> FeatureMatchingLoss.of(fake.features(), look.real.features()))
            .reduce(Tensor::add)
            .orElseThrow();
    put(terms, "matching", weights.matching(), matched);
  }

  private void featureTerms(SequencedMap<String, Tensor> terms, Repaired b) {
    long n = b.clean.size(0);
    Tensor zClean = // z_c
        b.cleanFeatures.or(() -> cleanFeatures(b.clean)).orElseThrow();
    Outputs both =
        target.forward(torch.cat(new TensorVector(b.repairedClean, b.repairedAttacked), 0));
    Outputs repairedClean = both.narrow(0, n);
    Outputs repairedAttacked = both.narrow(n, n);
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

  /** z, in fp32 whatever the net computed in. */
  private Tensor features(Outputs outputs) {
    return task.aligned(outputs, featuresAreLogits).to(torch.ScalarType.Float);
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
