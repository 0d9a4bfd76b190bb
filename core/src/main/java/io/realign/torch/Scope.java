package io.realign.torch;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of code whose native memory is freed at its end, but for what it keeps.
 *
 * <p>Scopes nest and belong to the thread that opened them. Open one a batch and one an attack
 * step; let only the result escape:
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *   Tensor gradient = ...;
 *   return scope.keep(x.add(gradient));
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {

  private final @Nullable PointerScope outer = PointerScope.getInnerScope();
  private final PointerScope inner = new PointerScope();

  private Scope() {}

  /** Opens a scope on this thread. */
  public static Scope open() {
    return new Scope();
  }

  /** Runs {@code body} in a scope of its own and keeps only its result. */
  public static <P extends Pointer> P result(Supplier<P> body) {
    try (Scope scope = open()) {
      return scope.keep(body.get());
    }
  }

  /**
   * Lets {@code pointer} outlive this scope: it then belongs to the scope around this one, or to
   * the garbage collector when there is none.
   */
  public <P extends Pointer> P keep(P pointer) {
    if (outer == null) {
      pointer.retainReference();
    } else {
      outer.attach(pointer);
    }
    return pointer;
  }

  /**
   * Lets {@code pointer} outlive all scopes: whoever asked for that frees it with {@code close()}.
   */
  public <P extends Pointer> P release(P pointer) {
    pointer.retainReference();
    return pointer;
  }

  /**
   * Takes over a pointer that another thread kept: it then dies with the innermost scope of this
   * thread.
   */
  public static <P extends Pointer> P adopt(P pointer) {
    PointerScope here = PointerScope.getInnerScope();
    if (here != null) {
      here.attach(pointer);
      pointer.releaseReference(); // the hold of the thread that kept it
    }
    return pointer;
  }

  /**
   * Gives freed memory back to the system, as far as the allocator can. It keeps what was freed for
   * the next tensors of about that size: call this between kinds of work, whose sizes differ, or
   * the process holds the most of each.
   */
  public static void trim() {
    Pointer.trimMemory();
  }

  @Override
  public void close() {
    inner.close();
  }
}
