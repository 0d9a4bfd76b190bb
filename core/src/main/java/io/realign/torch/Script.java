package io.realign.torch;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.JitObject;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.MethodOptional;
import org.bytedeco.pytorch.NamedTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.named_buffer_iterator;
import org.bytedeco.pytorch.named_buffer_list;
import org.bytedeco.pytorch.parameter_iterator;
import org.bytedeco.pytorch.parameter_list;

/**
 * A TorchScript program, frozen and in evaluation mode. To load one is to run what its author
 * wrote.
 *
 * <p>Its operators run one by one, as libtorch runs those of other nets: the just-in-time optimiser
 * is off, since it rewrites a program after its first calls, so that the same images get other
 * rounding. Several threads may call it at once.
 */
public final class Script {

  private final Path file;
  private final JitModule module;

  private Script(Path file, JitModule module) {
    this.file = file;
    this.module = module;
  }

  /**
   * Loads a program, which stays in memory for good.
   *
   * @throws ScriptFailure naming the file, if it is no TorchScript program that this libtorch runs
   */
  public static Script load(Path file, Compute compute) {
    try (Scope scope = Scope.open()) {
      JitModule module =
          torch.load(file.toString(), new DeviceOptional(compute.device()), /* extras */ false);
      module.eval();
      parameter_list parameters = module.parameters();
      parameter_iterator end = parameters.end();
      for (parameter_iterator at = parameters.begin(); at.notEquals(end); at.increment()) {
        at.multiply().requires_grad_(false);
      }
      return new Script(file, scope.release(module));
    } catch (RuntimeException e) {
      throw new ScriptFailure(file + ": libtorch cannot load it: " + ScriptFailure.reason(e), e);
    }
  }

  /** What it was loaded from. */
  public Path file() {
    return file;
  }

  /** The module itself, to be put into another one as it is; it is shared with this script. */
  public JitModule module() {
    return module;
  }

  /** Whether the program has a method of that name. */
  public boolean has(String method) {
    try (Scope scope = Scope.open()) {
      MethodOptional found = module.find_method(method);
      return found.has_value();
    }
  }

  /** Whether any of its parts is in training mode. */
  public boolean isTraining() {
    return module.is_training();
  }

  /**
   * Calls a method without arguments but images. A {@link Recording} learns of every tensor in the
   * result.
   *
   * @param images {@code [N,3,H,W]}; differentiable by them
   * @return the result; its tensors belong to the caller's scope
   * @throws ScriptFailure in one line, if the program fails
   */
  public ScriptValue call(String method, Tensor images) {
    boolean optimised = torch.getGraphExecutorOptimize(); // of this thread
    try (Scope scope = Scope.open()) {
      torch.setGraphExecutorOptimize(false);
      Method called = module.get_method(method);
      ScriptValue value = ScriptValue.of(called.apply(new IValueVector(new IValue(images))));
      value.tensors().forEach(scope::keep);
      if (Recording.isOpen()) {
        Type type = called.function().getSchema().returns().type().get();
        ScriptPlace.all(value, type)
            .forEach(
                (place, tensor) ->
                    Recording.step(new Operator.Called(this, method, place), tensor, images));
      }
      return value;
    } catch (RuntimeException e) {
      throw new ScriptFailure(
          "%s: %s() fails on images %s: %s"
              .formatted(file, method, Arrays.toString(Ops.shape(images)), ScriptFailure.reason(e)),
          e);
    } finally {
      torch.setGraphExecutorOptimize(optimised);
    }
  }

  /**
   * A tensor that the program holds.
   *
   * @param path its name, behind those of the parts that hold it: {@code head.anchors}
   * @throws ScriptFailure if there is none
   */
  public Tensor attribute(String path) {
    try (Scope scope = Scope.open()) {
      JitObject part = module;
      String[] names = path.split("\\.", -1);
      for (int i = 0; i + 1 < names.length; i++) {
        part = new JitModule(part.attr(names[i]).toObject());
      }
      return scope.keep(new Tensor(part.attr(names[names.length - 1]).toTensor()));
    } catch (RuntimeException e) {
      throw new ScriptFailure(
          "%s: it holds no tensor '%s': %s".formatted(file, path, ScriptFailure.reason(e)), e);
    }
  }

  /** The tensors that it holds and does not train, by the paths that {@link #attribute} takes. */
  public SequencedMap<String, Tensor> buffers() {
    SequencedMap<String, Tensor> named = new LinkedHashMap<>();
    try (Scope scope = Scope.open()) {
      named_buffer_list buffers = module.named_buffers(true);
      named_buffer_iterator end = buffers.end();
      for (named_buffer_iterator at = buffers.begin(); at.notEquals(end); at.increment()) {
        NamedTensor buffer = at.multiply();
        named.put(buffer.name().getString(), scope.keep(new Tensor(buffer.value())));
      }
    }
    return named;
  }

  /** What it was loaded from, for errors. */
  @Override
  public String toString() {
    return file.toString();
  }
}
