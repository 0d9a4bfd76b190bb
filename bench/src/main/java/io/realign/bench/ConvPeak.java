package io.realign.bench;

import io.realign.torch.Convolutions;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Workers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The most that libtorch gets out of this machine: forward passes of 3×3 convolutions, warm.
 *
 * @param cells every measurement
 * @param fp32 the best GF/s in fp32: of the medians, as everything is compared by its median
 * @param bf16 the same in bf16; 0 where it was not measured
 * @param fp32Once the fastest single measurement in fp32
 */
record ConvPeak(List<Cell> cells, double fp32, double bf16, double fp32Once) {

  private static final Seed SEED = Seed.of(0).child("conv peak");

  /** Number type and order of the values in memory. */
  enum Format {
    FP32_NCHW,
    FP32_NHWC,
    BF16_NHWC;

    Tensor of(Tensor x) {
      return switch (this) {
        case FP32_NCHW -> x;
        case FP32_NHWC -> Ops.channelsLast(x);
        case BF16_NHWC -> Ops.channelsLast(x.to(torch.ScalarType.BFloat16));
      };
    }
  }

  /** How the cores share the work. */
  enum Mode {
    /** One call at a time, on all cores. */
    TOGETHER,
    /** A call of its own on each core. */
    EACH
  }

  /** A convolution, how it was run, and what it reached in GF/s (two to a multiply-add). */
  record Cell(ConvShape shape, Format format, Mode mode, Spread gigaflops) {}

  private record Key(ConvShape shape, Format format, Mode mode) {}

  /** Measures every shape in every format and mode, in turns. */
  static ConvPeak measure(Plan plan, int cores, List<Format> formats) {
    Map<Key, List<Double>> found = new LinkedHashMap<>();
    for (int repeat = 0; repeat < plan.repeats(); repeat++) {
      for (Mode mode : cores == 1 ? List.of(Mode.TOGETHER) : List.of(Mode.values())) {
        try (Workers workers = mode == Mode.EACH ? new Workers(cores, 1) : new Workers(1, cores)) {
          for (ConvShape shape : plan.shapes()) {
            for (Format format : formats) {
              found
                  .computeIfAbsent(new Key(shape, format, mode), key -> new ArrayList<>())
                  .add(gigaflops(shape, format, workers, plan.slice()));
            }
          }
        }
      }
    }
    List<Cell> cells =
        found.entrySet().stream()
            .map(
                entry ->
                    new Cell(
                        entry.getKey().shape,
                        entry.getKey().format,
                        entry.getKey().mode,
                        Spread.of(entry.getValue())))
            .toList();
    double once =
        cells.stream()
            .filter(cell -> cell.format() != Format.BF16_NHWC)
            .mapToDouble(cell -> cell.gigaflops().max())
            .max()
            .orElse(0);
    return new ConvPeak(cells, best(cells, false), best(cells, true), once);
  }

  /** The cells, the fastest first. */
  List<Cell> fastest() {
    return cells.stream()
        .sorted(Comparator.comparingDouble((Cell cell) -> cell.gigaflops().median()).reversed())
        .toList();
  }

  private static double best(List<Cell> cells, boolean bf16) {
    return cells.stream()
        .filter(cell -> (cell.format() == Format.BF16_NHWC) == bf16)
        .mapToDouble(cell -> cell.gigaflops().median())
        .max()
        .orElse(0);
  }

  private static double gigaflops(ConvShape shape, Format format, Workers workers, double slice) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      List<Tensor> images = new ArrayList<>();
      List<Tensor> weights = new ArrayList<>();
      for (int i = 0; i < workers.count(); i++) {
        images.add(
            format.of(
                SEED.uniform(0, 1, shape.batch(), shape.channels(), shape.side(), shape.side())));
        weights.add(format.of(SEED.normal(.01, shape.channels(), shape.channels(), 3, 3)));
      }
      run(workers, images, weights, 1); // warm
      double once = run(workers, images, weights, 1);
      int calls = (int) Math.max(1, Math.min(10_000, Math.round(slice / once)));
      double seconds = run(workers, images, weights, calls);
      return 2e-9 * shape.multiplyAdds() * calls * workers.count() / seconds;
    }
  }

  /** Seconds until each worker has done {@code calls} convolutions. */
  private static double run(Workers workers, List<Tensor> images, List<Tensor> weights, int calls) {
    long start = System.nanoTime();
    workers.map(
        workers.count(),
        worker -> {
          try (NoGradGuard guard = new NoGradGuard()) { // grad mode belongs to the thread
            for (int call = 0; call < calls; call++) {
              try (Scope scope = Scope.open()) {
                Convolutions.conv2d(images.get(worker), weights.get(worker), null, 1, 1, 1);
              }
            }
          }
          return List.of();
        });
    return (System.nanoTime() - start) * 1e-9;
  }
}
