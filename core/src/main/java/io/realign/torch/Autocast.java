package io.realign.torch;

import org.bytedeco.pytorch.global.torch;

/**
 * A stretch of code whose convolutions and matrix products run in bfloat16 on this thread, if the
 * {@link Compute} asks for that.
 *
 * <p>Weights stay in fp32 and are cast at each use: libtorch's cache of casts would go stale after
 * an update, so it is off within.
 *
 * <pre>{@code
 * try (Autocast autocast = Autocast.open(compute)) {
 *   loss = ...
 * }
 * }</pre>
 */
public final class Autocast implements AutoCloseable {

  private final torch.DeviceType device;
  private final boolean enabledBefore;
  private final boolean cachedBefore;
  private final torch.ScalarType typeBefore;

  private Autocast(Compute compute) {
    device =
        switch (compute.kind()) {
          case CPU -> torch.DeviceType.CPU;
          case CUDA -> torch.DeviceType.CUDA;
        };
    enabledBefore = torch.is_autocast_enabled(device);
    cachedBefore = torch.is_autocast_cache_enabled();
    typeBefore = torch.get_autocast_dtype(device).intern();
    torch.set_autocast_cache_enabled(false);
    torch.set_autocast_dtype(device, torch.ScalarType.BFloat16);
    torch.set_autocast_enabled(device, compute.precision() == Compute.Precision.BF16);
  }

  /** Starts it; with {@link Compute.Precision#FP32} everything within runs in fp32. */
  public static Autocast open(Compute compute) {
    return new Autocast(compute);
  }

  @Override
  public void close() {
    torch.set_autocast_enabled(device, enabledBefore);
    torch.set_autocast_dtype(device, typeBefore);
    torch.set_autocast_cache_enabled(cachedBefore);
  }
}
