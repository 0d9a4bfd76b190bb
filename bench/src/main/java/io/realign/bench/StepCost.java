package io.realign.bench;

import io.realign.align.AlignmentLoss.Look;
import io.realign.align.AlignmentLoss.Repaired;
import io.realign.align.Discriminator;
import io.realign.align.Generator;
import io.realign.data.Batch;
import io.realign.data.Batches;
import io.realign.data.Loader;
import io.realign.torch.MultiplyAdds;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/**
 * The multiply-adds of one training step, an image.
 *
 * @param attack of the attack, divided by how often its images are used
 * @param forward of all forward passes
 * @param backward of all gradients
 */
record StepCost(double attack, double forward, double backward) {

  /** Counts one shard's step. */
  static StepCost of(DefenseSetup setup) {
    Seed seed = Seed.of(setup.config().seed()).child("cost");
    int n = setup.config().batch();
    try (Scope scope = Scope.open();
        Batches batches =
            new Loader(setup.inputs().train(), Loader.Options.evaluation(n), seed).epoch(0)) {
      Batch batch = batches.next();
      Generator generator = setup.config().generator().create(seed, setup.inputs().compute());
      Discriminator discriminator =
          setup.config().discriminator().create(seed, setup.inputs().compute());
      Tensor clean = setup.inputs().compute().place(batch.images());
      Tensor labels = setup.inputs().compute().place(setup.inputs().task().labels(batch));
      double attack;
      Optional<Tensor> known;
      try (MultiplyAdds count = MultiplyAdds.open()) {
        StepParts.attacked(setup, clean, labels, seed);
        known = setup.loss().cleanFeatures(clean);
        attack = (double) (count.forward() + count.byInputs()) / setup.config().replay().times();
      }
      Repaired repaired;
      double forward;
      double backward;
      try (MultiplyAdds count = MultiplyAdds.open()) {
        repaired = Repaired.by(generator, clean, known, clean, labels);
        Optional<Look> look = setup.loss().look(repaired, discriminator);
        setup.loss().generator(repaired, look);
        forward = count.forward();
        backward = count.byInputs() + count.byWeights();
      }
      // D's own backward goes through its layers a second time, but not on to the images
      Repaired cut =
          new Repaired(
              clean,
              known,
              labels,
              repaired.repairedClean().detach(),
              repaired.repairedAttacked().detach());
      try (MultiplyAdds count = MultiplyAdds.open()) {
        setup.loss().look(cut, discriminator);
        backward += count.byInputs();
      }
      return new StepCost(attack / n, forward / n, backward / n);
    }
  }

  /** All of it. */
  double total() {
    return attack + forward + backward;
  }
}
