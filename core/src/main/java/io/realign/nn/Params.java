package io.realign.nn;

import io.realign.torch.Compute;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The declaration of a net's tensors: layers ask it for a parameter by name, shape and initialiser,
 * and it makes the tensor and files it in the net's {@link StateDict}.
 *
 * <p>{@code sub("layer1").sub("conv")} gives the names under {@code layer1.conv.}.
 */
public final class Params {

  private final Root root;
  private final String prefix;

  private Params(Root root, String prefix) {
    this.root = root;
    this.prefix = prefix;
  }

  /** The declarations of a new net, drawn from {@code seed}, on {@code compute}'s device. */
  public static Params create(Seed seed, Compute compute) {
    return new Params(new Root(seed, compute, init -> init, Budget.NONE), "");
  }

  /**
   * The declarations of a net whose values will all be loaded: every tensor is 0 until then,
   * whatever its initialiser.
   */
  public static Params blank(Compute compute) {
    return blank(compute, Budget.NONE);
  }

  /**
   * The same for the values of a file: whatever sizes it claims, its net takes no more memory than
   * it does, or little more.
   *
   * @param weights what will be loaded
   * @param origin what they are, for the error: a file name
   */
  public static Params blankFor(StateDict weights, String origin, Compute compute) {
    return blank(compute, Budget.of(weights, origin));
  }

  private static Params blank(Compute compute, Budget budget) {
    Init zeros = (seed, shape) -> torch.zeros(shape);
    return new Params(new Root(Seed.of(0), compute, init -> zeros, budget), "");
  }

  /** The declarations under {@code name.}. */
  public Params sub(String name) {
    return new Params(root, prefix + name + ".");
  }

  /** The declarations under {@code index.}. */
  public Params sub(int index) {
    return sub(Integer.toString(index));
  }

  /** A trained tensor. */
  public Tensor parameter(String name, Init init, long... shape) {
    Tensor tensor = declare(name, init, shape).requires_grad_(true);
    root.trained.add(tensor);
    return tensor;
  }

  /** A tensor that is stored but not trained by gradients. */
  public Tensor buffer(String name, Init init, long... shape) {
    return declare(name, init, shape);
  }

  /** All tensors of the net. */
  public StateDict dict() {
    return root.dict;
  }

  /** The trained tensors, in the order of declaration. */
  public List<Tensor> trained() {
    return List.copyOf(root.trained);
  }

  /** The trained tensors by name, in the order of declaration. */
  public StateDict trainedDict() {
    StateDict trained = new StateDict();
    root.dict.entries().stream()
        .filter(entry -> root.trained.contains(entry.getValue()))
        .forEach(entry -> trained.put(entry.getKey(), entry.getValue()));
    return trained;
  }

  /** Sets what layers draw from that draw while they are trained; at first the net's own seed. */
  public void draws(Seed seed) {
    root.draws = seed;
  }

  /**
   * Draws of a layer in training: a function of {@link #draws} and of the layer's name.
   *
   * @return fp32 tensor of {@code shape} in [0,1), on the net's device
   */
  Tensor uniform(long... shape) {
    return root.compute.place(root.draws.child(prefix).uniform(0, 1, shape));
  }

  /** The number of trained values. */
  public long count() {
    return root.trained.stream().mapToLong(Tensor::numel).sum();
  }

  /** Whether batch norm uses, and updates, the statistics of the batch. */
  public boolean training() {
    return root.training;
  }

  /** Sets whether batch norm uses, and updates, the statistics of the batch. */
  public void training(boolean training) {
    root.training = training;
  }

  /** Registers what {@link #freeze} runs: a layer that folds its batch norm, say. */
  public void onFreeze(Runnable action) {
    root.freezers.add(action);
  }

  /** Folds what can be folded and stops collecting gradients; for good. */
  public void freeze() {
    root.training = false;
    root.trained.forEach(tensor -> tensor.requires_grad_(false));
    root.freezers.forEach(Runnable::run);
    root.freezers.clear();
  }

  private Tensor declare(String name, Init init, long... shape) {
    String full = prefix + name;
    root.budget.take(shape);
    Tensor tensor = root.compute.place(root.inits.apply(init).make(root.seed.child(full), shape));
    root.dict.put(full, tensor);
    return tensor;
  }

  private static final class Root {
    final Seed seed;
    final Compute compute;
    final UnaryOperator<Init> inits;
    final Budget budget;
    final StateDict dict = new StateDict();
    final List<Tensor> trained = new ArrayList<>();
    final List<Runnable> freezers = new ArrayList<>();
    boolean training = true;
    Seed draws;

    Root(Seed seed, Compute compute, UnaryOperator<Init> inits, Budget budget) {
      this.seed = seed;
      this.draws = seed;
      this.compute = compute;
      this.inits = inits;
      this.budget = budget;
    }
  }
}
