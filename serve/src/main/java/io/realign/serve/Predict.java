package io.realign.serve;

import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.target.Target;
import io.realign.torch.Scope;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

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
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor batch = of.compute().place(Images.toTensor(images));
      return Prediction.of(net.task(), net.forward(batch).inFloat());
    }
  }
}
