package io.realign.align;

import io.realign.defense.Purifier;
import org.bytedeco.pytorch.Tensor;

/**
 * A trained generator in front of a target.
 *
 * @param name in reports: the file's name
 * @param generator G, frozen
 */
public record GeneratorPurifier(String name, Generator generator) implements Purifier {

  /** Freezes the generator: gradients go to the images alone. */
  public GeneratorPurifier {
    generator.params().freeze();
  }

  @Override
  public Tensor purify(Tensor images) {
    return generator.forward(images);
  }
}
