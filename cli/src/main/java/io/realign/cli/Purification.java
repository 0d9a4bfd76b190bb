package io.realign.cli;

import io.realign.align.PixelPurifier;
import io.realign.io.AtomicFile;
import io.realign.io.ImageDecoder;
import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import io.realign.io.Picture;
import io.realign.torch.Workers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;

/**
 * Repairs many images beside one another, and goes on where one fails.
 *
 * <p>There are as many workers as cores, each with one image: reading, decoding, the model and
 * writing. What all of them hold at once is bounded: {@link Picture#HEAP_A_PIXEL} bytes for each
 * pixel of the images in work fit into half of the heap, their files into a quarter. An image that
 * is larger than that is repaired while no other is in work.
 */
final class Purification {

  private static final int UNIT = 1 << 10; // of memory, so that permits are ints

  private final PixelPurifier purifier;
  private final ImageDecoder decoder;
  private final ImageEncoder encoder;
  private final boolean asPng;
  private final boolean overwrite;
  private final int pixelBudget;
  private final int fileBudget;
  private final Semaphore pixels;
  private final Semaphore files;
  private final Map<String, Integer> notes = new LinkedHashMap<>();
  private final Map<String, String> examples = new LinkedHashMap<>();

  /** An image to repair and the file that becomes of it. */
  record Job(ImageSources.Source source, Path result) {}

  /** What came of all images. */
  record Outcome(int repaired, int failed, boolean stopped) {}

  /** Hears how it goes; called by one thread at a time. */
  interface Listener {
    /** {@code done} of {@code total} bytes of the files are repaired. */
    void advanced(long done, long total);

    /** An image could not be repaired; a line that names it and says why. */
    void failed(String line);
  }

  Purification(
      PixelPurifier purifier,
      ImageDecoder decoder,
      ImageEncoder encoder,
      boolean asPng,
      boolean overwrite) {
    this.purifier = purifier;
    this.decoder = decoder;
    this.encoder = encoder;
    this.asPng = asPng;
    this.overwrite = overwrite;
    long heap = Runtime.getRuntime().maxMemory();
    this.pixelBudget = (int) Math.clamp(heap / 2 / UNIT, 1, Integer.MAX_VALUE);
    this.fileBudget = (int) Math.clamp(heap / 4 / UNIT, 1, Integer.MAX_VALUE);
    this.pixels = new Semaphore(pixelBudget, true);
    this.files = new Semaphore(fileBudget, true);
  }

  /** The format of what becomes of a file of {@code format}. */
  static ImageFormat written(ImageFormat format, boolean asPng) {
    return asPng || !format.written() ? ImageFormat.PNG : format;
  }

  /** What is said of the images that could not be kept in every respect, a line each. */
  List<String> notes() {
    List<String> lines = new ArrayList<>();
    notes.forEach(
        (note, count) ->
            lines.add(
                count == 1
                    ? examples.get(note) + ": " + note
                    : "%d images, such as %s: %s".formatted(count, examples.get(note), note)));
    return lines;
  }

  private synchronized void note(String name, String note) {
    notes.merge(note, 1, Integer::sum);
    examples.putIfAbsent(note, name);
  }

  /** Repairs all, as long as {@code stop} is false. */
  Outcome run(List<Job> jobs, Listener listener, BooleanSupplier stop) {
    AtomicInteger repaired = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    long total = jobs.stream().mapToLong(job -> job.source().bytes()).sum();
    Share share = new Share(listener, total);
    Iterator<Job> queue = jobs.iterator();
    try (Workers workers = Workers.sharing(jobs.size());
        ImageSources.Reader reader = new ImageSources.Reader(decoder)) {
      workers.map(
          jobs.size(),
          i -> {
            if (!stop.getAsBoolean()) {
              Taken taken = take(queue, reader);
              try (taken) {
                repair(taken.job(), taken.bytes(), share.of(taken.job(), stop));
                repaired.incrementAndGet();
              } catch (CancellationException e) {
                // the user asked to stop
              } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
                failed.incrementAndGet();
                share.failed(line(taken.job(), e));
              }
            }
            return List.of();
          });
    }
    int missing = jobs.size() - repaired.get() - failed.get();
    return new Outcome(repaired.get(), failed.get(), missing > 0);
  }

  /** A job whose file was read, if it could be; holds its share of the memory until closed. */
  private record Taken(Job job, Supplier<byte[]> file, Runnable release) implements AutoCloseable {

    byte[] bytes() {
      return file.get();
    }

    @Override
    public void close() {
      release.run();
    }
  }

  /** Takes jobs in their order, since an archive is read from front to back. */
  private Taken take(Iterator<Job> queue, ImageSources.Reader reader) {
    synchronized (reader) {
      Job job = queue.next();
      int room = (int) Math.clamp(job.source().bytes() / UNIT + 1, 1, fileBudget);
      files.acquireUninterruptibly(room);
      try {
        byte[] bytes = reader.read(job.source());
        return new Taken(job, () -> bytes, () -> files.release(room));
      } catch (RuntimeException | OutOfMemoryError e) {
        return new Taken(
            job,
            () -> {
              throw e;
            },
            () -> files.release(room));
      }
    }
  }

  private static String line(Job job, Throwable e) {
    if (e instanceof InputException) {
      return String.valueOf(e.getMessage());
    }
    String why =
        e instanceof OutOfMemoryError
            ? "needs more memory than there is: raise REALIGN_HEAP or REALIGN_MEMORY"
            : Failures.describe(e);
    return job.source().name() + ": " + why;
  }

  /** Adds up what the workers have done. */
  private static final class Share {

    private final Listener listener;
    private final long total;
    private double done;

    Share(Listener listener, long total) {
      this.listener = listener;
      this.total = total;
    }

    DoubleConsumer of(Job job, BooleanSupplier stop) {
      double[] last = new double[1];
      return part -> {
        if (part < 1 && stop.getAsBoolean()) {
          throw new CancellationException();
        }
        add((part - last[0]) * job.source().bytes());
        last[0] = part;
      };
    }

    private synchronized void add(double bytes) {
      done += bytes;
      if (done >= 1) {
        listener.advanced(Math.min((long) done, total), total);
      }
    }

    synchronized void failed(String line) {
      listener.failed(line);
    }
  }

  private void repair(Job job, byte[] bytes, DoubleConsumer progress) {
    long area = decoder.header(bytes, job.source().name()).pixels();
    int needed = (int) Math.clamp(area * Picture.HEAP_A_PIXEL / UNIT + 1, 1, pixelBudget);
    pixels.acquireUninterruptibly(needed);
    try {
      byte[] made = repaired(bytes, job.source().name(), progress);
      if (!overwrite && Files.exists(job.result())) { // since the work began
        throw new InputException(
            "%s: not written, since %s is there already"
                .formatted(job.source().name(), job.result()));
      }
      if (overwrite) {
        AtomicFile.writeBytes(job.result(), made);
      } else {
        AtomicFile.createBytes(job.result(), made);
      }
      progress.accept(1);
    } finally {
      pixels.release(needed);
    }
  }

  /**
   * Repairs the image of a file.
   *
   * @param name what to call it
   * @return the bytes of a file of the format that {@link #written} says
   * @throws InputException if it is no image that can be read
   */
  byte[] repaired(byte[] bytes, String name, DoubleConsumer progress) {
    Picture picture = decoder.picture(bytes, name);
    ImageFormat format = written(picture.format(), asPng);
    if (format == ImageFormat.BMP && picture.hasAlpha()) {
      throw new InputException(name + ": a BMP with alpha is not written; --format png keeps it");
    }
    tell(picture, format, name);
    Picture repaired =
        picture.with(
            purifier.purify(picture.upright(), part -> progress.accept(Math.min(part, .999))));
    return encoder.encode(repaired, format);
  }

  private void tell(Picture picture, ImageFormat format, String name) {
    if (format != picture.format() && !asPng) {
      note(
          name,
          picture.format() == ImageFormat.GIF
              ? "written as PNG, since the 256 colours of a GIF cannot hold the repair"
              : "written as PNG, since " + picture.format().word() + " is only read");
    }
    if (picture.bits() > 8) {
      note(name, "%d bits a colour became 8".formatted(picture.bits()));
    }
    if (picture.inks()) {
      note(name, "inks (CMYK) became RGB; their colour profile is not kept");
    }
  }
}
