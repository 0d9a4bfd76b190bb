package io.realign.serve;

import io.realign.evaluate.PixelTarget;
import io.realign.evaluate.Prediction;
import io.realign.io.Pixels;
import io.realign.target.Target;
import java.util.List;

/** Asks a target, behind its defense or not, about images of the target's size. */
record Predict(ServedModel of, boolean defended) implements Work<Pixels, Prediction> {

  @Override
  public String model() {
    return of.name();
  }

  @Override
  public String kind() {
    return defended ? "predict-defended" : "predict";
  }

  @Override
  public long pixels() {
    long side = of.neededTarget().imageSize();
    return side * side;
  }

  @Override
  public List<Prediction> apply(List<Pixels> images) {
    Target net = defended ? of.defended() : of.neededTarget();
    return new PixelTarget(net, of.compute()).predict(images);
  }
}
