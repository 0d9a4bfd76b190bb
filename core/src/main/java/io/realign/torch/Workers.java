package io.realign.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Threads that run libtorch beside each other.
 *
 * <p>On small images two threads of one core each do more than one call that is split over two
 * cores; and since every job runs on one core, its result is bit-identical on any machine of the
 * same kind, however many cores work.
 */
public final class Workers implements AutoCloseable {

  private final ExecutorService threads;
  private final int count;
  private final int threadsBefore = torch.get_num_threads();

  /**
   * Starts the threads.
   *
   * @param count how many jobs run at once, ≥ 1
   * @param coresEach over how many cores libtorch splits the work of one job, ≥ 1
   */
  public Workers(int count, int coresEach) {
    if (count < 1 || coresEach < 1) {
      throw new IllegalArgumentException(
          "%d workers of %d cores: both must be positive".formatted(count, coresEach));
    }
    this.count = count;
    torch.set_num_threads(coresEach);
    this.threads =
        Executors.newFixedThreadPool(
            count,
            task -> {
              Thread thread = new Thread(() -> ofCores(coresEach, task), "realign-worker");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** A thread keeps the number that it first asks for, whatever others set later. */
  private static void ofCores(int cores, Runnable task) {
    synchronized (Workers.class) {
      torch.set_num_threads(cores);
      torch.get_num_threads();
    }
    task.run();
  }

  /**
   * One job at a time on all cores for {@code jobs} of 1; otherwise a core each, as many at once as
   * there are cores.
   */
  public static Workers forJobs(int jobs) {
    int cores = Math.max(1, torch.get_num_threads());
    return jobs == 1 ? new Workers(1, cores) : new Workers(Math.min(jobs, cores), 1);
  }

  /** All cores shared by {@code jobs}, as many of them at once as there are cores. */
  public static Workers sharing(int jobs) {
    int cores = Math.max(1, torch.get_num_threads());
    int count = Math.clamp(jobs, 1, cores);
    return new Workers(count, cores / count);
  }

  /** How many jobs run at once. */
  public int count() {
    return count;
  }

  /**
   * Runs jobs 0 … n−1, each in a scope of its own on one of the threads, and waits for all.
   *
   * @param job makes the tensors that outlive it; they belong to the caller's scope afterwards
   * @return the tensors of each job, in the order of the jobs
   */
  public List<List<Tensor>> map(int n, IntFunction<List<Tensor>> job) {
    List<Future<List<Tensor>>> running = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      int index = i;
      running.add(threads.submit(() -> inScope(job, index)));
    }
    List<List<Tensor>> results = new ArrayList<>(n);
    RuntimeException failure = null;
    boolean interrupted = false;
    for (int i = 0; i < n; ) {
      try {
        results.add(running.get(i).get().stream().map(Scope::adopt).toList());
        i++;
      } catch (ExecutionException e) {
        failure =
            e.getCause() instanceof RuntimeException cause
                ? cause
                : new IllegalStateException(e.getCause());
        i++;
      } catch (InterruptedException e) {
        interrupted = true; // jobs use the caller's tensors: all must end before it goes on
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  /**
   * Runs a job on one of the threads, as soon as one is free, without waiting for it. Its tensors
   * are its own: it opens scopes for them.
   */
  public void start(Runnable job) {
    threads.execute(job);
  }

  /** Interrupts the jobs that run; those that wait never start. */
  @Override
  public void close() {
    threads.shutdownNow();
    torch.set_num_threads(threadsBefore);
  }

  private static List<Tensor> inScope(IntFunction<List<Tensor>> job, int index) {
    try (Scope scope = Scope.open()) {
      List<Tensor> kept = job.apply(index);
      kept.forEach(scope::keep);
      return kept;
    }
  }
}
