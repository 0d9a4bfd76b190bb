package io.realign.cli;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Handlers of signals through {@code sun.misc.Signal}, the JDK's only way to tell a first Ctrl-C
 * from a second; by reflection, since javac warns of each mention of it.
 */
final class Signals {

  private Signals() {}

  /** A signal whose handler was replaced; closing gives it the former handler back. */
  record Handled(Object signal, Object former) implements AutoCloseable {
    @Override
    public void close() {
      replace(signal, former);
    }
  }

  /** Runs {@code action} on the JVM's signal thread at each signal {@code name}, such as INT. */
  static Handled handle(String name, Runnable action) {
    try {
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Object handler =
          Proxy.newProxyInstance(
              handlerType.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, args) -> {
                if (method.getDeclaringClass() == Object.class) {
                  return method.invoke(action, args);
                }
                action.run();
                return null;
              });
      Object signal =
          Class.forName("sun.misc.Signal").getConstructor(String.class).newInstance(name);
      return new Handled(signal, replace(signal, handler));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM handles no signals", e);
    }
  }

  private static Object replace(Object signal, Object handler) {
    try {
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Method handle = signal.getClass().getMethod("handle", signal.getClass(), handlerType);
      return handle.invoke(null, signal, handler);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM handles no signals", e);
    }
  }
}
