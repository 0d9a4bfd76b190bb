package io.realign.target;

import io.realign.task.Task;
import io.realign.torch.Script;
import java.util.Optional;

/** A target around another one, with which it shares what it does not say otherwise. */
public interface ForwardingTarget extends Target {

  /** The one within. */
  Target target();

  @Override
  default String name() {
    return target().name();
  }

  @Override
  default Task task() {
    return target().task();
  }

  @Override
  default int classes() {
    return target().classes();
  }

  @Override
  default int imageSize() {
    return target().imageSize();
  }

  @Override
  default boolean anySize() {
    return target().anySize();
  }

  @Override
  default Optional<Script> script() {
    return target().script();
  }

  @Override
  default boolean randomised() {
    return target().randomised();
  }
}
