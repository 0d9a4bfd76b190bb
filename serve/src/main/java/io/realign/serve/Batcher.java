package io.realign.serve;

import io.realign.torch.Scope;
import io.realign.torch.Workers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.bytedeco.pytorch.global.torch;

/**
 * Runs nets on a few threads of its own, several images in a pass.
 *
 * <p>Images that are to go through the same net in the same size wait in a lane. A lane is due when
 * it has a full batch, or when its first image has waited long enough; a thread that is free takes
 * the due lane whose first image has waited longest. How many images wait is bounded by whoever
 * sends them.
 */
final class Batcher implements AutoCloseable {

  /** A pass has no more pixels: more do not make the CPU faster, but cost memory. */
  static final long PASS_PIXELS = 1 << 18;

  private static final double RECENT = .1; // the weight of the last pass in the mean
  private static final long LAST_SECONDS = 10; // for what is in work when it closes

  private final Batching batching;
  private final Metrics metrics;
  private final Consumer<Throwable> log;
  private final Workers workers;
  private final CountDownLatch running;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Work<?, ?>, Lane<?, ?>> lanes = new LinkedHashMap<>();
  private boolean closed;
  private double secondsAnImage;

  /**
   * Starts the threads.
   *
   * @param log takes what went wrong beside a pass; what goes wrong in one is told to who waits
   */
  Batcher(Batching batching, Metrics metrics, Consumer<Throwable> log) {
    this.batching = batching;
    this.metrics = metrics;
    this.log = log;
    int cores = Math.max(1, torch.get_num_threads());
    this.workers = new Workers(batching.workers(), Math.max(1, cores / batching.workers()));
    this.running = new CountDownLatch(batching.workers());
    for (int i = 0; i < batching.workers(); i++) {
      workers.start(this::work);
    }
  }

  /** An input that waits, or is worked on. */
  private record Job<I, O>(I input, CompletableFuture<O> result, long since) {}

  /** Inputs that may share a pass. */
  private static final class Lane<I, O> {
    private final Work<I, O> work;
    private final int most;
    private final Deque<Job<I, O>> jobs = new ArrayDeque<>();

    Lane(Work<I, O> work, int images) {
      this.work = work;
      this.most = (int) Math.clamp(PASS_PIXELS / Math.max(1, work.pixels()), 1, images);
    }

    boolean isEmpty() {
      return jobs.isEmpty();
    }

    boolean isFull() {
      return jobs.size() >= most;
    }

    long since() {
      return jobs.getFirst().since();
    }

    /** Takes the next jobs out; what could fail comes first, so that none is lost. */
    Optional<Pass<?, ?>> next() {
      int count = Math.min(most, jobs.size());
      List<Job<I, O>> taken = new ArrayList<>(count);
      Optional<Pass<?, ?>> pass = Optional.of(new Pass<>(work, taken));
      for (int i = 0; i < count; i++) {
        taken.add(jobs.removeFirst());
      }
      return pass;
    }
  }

  /** Inputs that go through a net together. */
  private record Pass<I, O>(Work<I, O> work, List<Job<I, O>> jobs) {

    /** How many images it was. Whatever happens, each job is done afterwards. */
    int run() {
      try (Scope scope = Scope.open()) {
        List<Job<I, O>> wanted = jobs.stream().filter(job -> !job.result().isDone()).toList();
        if (wanted.isEmpty()) {
          return 0;
        }
        List<O> results = work.apply(wanted.stream().map(Job::input).toList());
        for (int i = 0; i < wanted.size(); i++) {
          wanted.get(i).result().complete(results.get(i));
        }
        return wanted.size();
      } catch (RuntimeException | Error e) { // who waits for it must hear of it
        jobs.forEach(job -> job.result().completeExceptionally(e));
        return jobs.size();
      }
    }
  }

  /**
   * Sends one input through a net and waits for the result; what the work throws is thrown here.
   *
   * @throws Cancelled if this thread is interrupted
   * @throws Problem 503 if the service is closed
   */
  <I, O> O run(Work<I, O> work, I input) {
    Job<I, O> job = new Job<>(input, new CompletableFuture<>(), System.nanoTime());
    add(work, job);
    try {
      return job.result().get();
    } catch (InterruptedException e) {
      job.result().cancel(false);
      Thread.currentThread().interrupt();
      throw new Cancelled();
    } catch (ExecutionException e) {
      throw Cancelled.rethrown(e.getCause());
    }
  }

  private <I, O> void add(Work<I, O> work, Job<I, O> job) {
    lock.lock();
    try {
      if (closed) {
        throw Problem.overloaded("the service is shutting down", 1);
      }
      @SuppressWarnings("unchecked") // a lane has the types of the work that it is kept under
      Lane<I, O> lane =
          (Lane<I, O>) lanes.computeIfAbsent(work, w -> new Lane<>(work, batching.images()));
      lane.jobs.addLast(job);
      if (lane.jobs.size() == 1 || lane.isFull()) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try {
      boolean more = true;
      while (more) {
        more = step();
      }
    } finally {
      running.countDown();
    }
  }

  /** A pass. False at the end; until then the thread goes on, whatever happens. */
  private boolean step() {
    try {
      Optional<Pass<?, ?>> pass = next();
      if (pass.isPresent()) {
        run(pass.get());
      }
      return pass.isPresent();
    } catch (InterruptedException e) {
      return !isClosed(); // closed before all was done, or left behind by what ran in a pass
    } catch (RuntimeException | Error e) {
      log.accept(e);
      return true;
    }
  }

  private void run(Pass<?, ?> pass) {
    long start = System.nanoTime();
    int images = pass.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (images > 0) {
      learn(seconds / images);
      metrics.pass(pass.work().model(), pass.work().kind(), images, seconds);
    }
  }

  private void learn(double seconds) {
    lock.lock();
    try {
      secondsAnImage =
          secondsAnImage == 0 ? seconds : secondsAnImage + RECENT * (seconds - secondsAnImage);
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a lane to be due; empty when all is done and nothing will come. */
  private Optional<Pass<?, ?>> next() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        lanes.values().removeIf(Lane::isEmpty);
        Optional<Lane<?, ?>> due = oldestDue();
        if (due.isPresent()) {
          Optional<Pass<?, ?>> pass = due.get().next();
          if (!due.get().isEmpty()) {
            changed.signal();
          }
          return pass;
        }
        if (!lanes.isEmpty()) {
          long first = lanes.values().stream().mapToLong(Lane::since).min().orElseThrow();
          changed.awaitNanos(first + batching.patience().toNanos() - System.nanoTime());
        } else if (closed) {
          return Optional.empty();
        } else {
          changed.await();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private Optional<Lane<?, ?>> oldestDue() {
    long waited = System.nanoTime() - batching.patience().toNanos();
    Lane<?, ?> oldest = null;
    for (Lane<?, ?> lane : lanes.values()) {
      boolean due = closed || lane.isFull() || lane.since() - waited <= 0;
      if (due && (oldest == null || lane.since() - oldest.since() < 0)) {
        oldest = lane;
      }
    }
    return Optional.ofNullable(oldest);
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Whether all its threads are there. */
  boolean works() {
    return running.getCount() == batching.workers();
  }

  /** Images that wait. */
  int waiting() {
    lock.lock();
    try {
      return lanes.values().stream().mapToInt(lane -> lane.jobs.size()).sum();
    } finally {
      lock.unlock();
    }
  }

  /** How long {@code images} take, by the last passes. */
  double seconds(long images) {
    lock.lock();
    try {
      return images * secondsAnImage / batching.workers();
    } finally {
      lock.unlock();
    }
  }

  /** Finishes what waits, and takes nothing more. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      running.await(LAST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    workers.close();
  }
}
