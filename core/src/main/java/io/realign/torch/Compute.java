package io.realign.torch;

import java.util.Locale;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Where tensors live and in which precision forward passes run.
 *
 * <p>Weights and losses stay in fp32, and images are scored in fp32; {@link Precision#BF16} runs
 * convolutions and matrix products of training and of attacks in bfloat16 under autocast.
 */
public record Compute(Kind kind, Precision precision) {

  /** The device a run asks for. */
  public enum Kind {
    /** The processor. */
    CPU,
    /** The first GPU. */
    CUDA
  }

  /** The arithmetic of the forward passes of training and of attacks. */
  public enum Precision {
    /** 32-bit floats. */
    FP32,
    /** 16-bit floats with the range of 32 bits. */
    BF16
  }

  /** The CPU in fp32. */
  public static final Compute CPU = new Compute(Kind.CPU, Precision.FP32);

  /**
   * Reads the command line's words.
   *
   * @param device {@code auto} (CUDA if there is one), {@code cpu} or {@code cuda}
   * @param precision {@code fp32} or {@code bf16}
   * @throws IllegalArgumentException for other words, and for {@code cuda} where libtorch sees none
   */
  public static Compute of(String device, String precision) {
    Kind kind =
        switch (device.toLowerCase(Locale.ROOT)) {
          case "auto" -> torch.cuda_is_available() ? Kind.CUDA : Kind.CPU;
          case "cpu" -> Kind.CPU;
          case "cuda" -> {
            if (!torch.cuda_is_available()) {
              throw new IllegalArgumentException(
                  "--device cuda: libtorch sees no CUDA device; use a build of the profile 'cuda' on a machine with CUDA 13, or --device cpu");
            }
            yield Kind.CUDA;
          }
          default ->
              throw new IllegalArgumentException(
                  "unknown device '" + device + "': one of auto, cpu, cuda");
        };
    Precision parsed =
        switch (precision.toLowerCase(Locale.ROOT)) {
          case "fp32" -> Precision.FP32;
          case "bf16" -> Precision.BF16;
          default ->
              throw new IllegalArgumentException(
                  "unknown precision '" + precision + "': one of fp32, bf16");
        };
    return new Compute(kind, parsed);
  }

  /** {@code tensor} on this device; the same tensor if it is there already. */
  public Tensor place(Tensor tensor) {
    return switch (kind) {
      case CPU -> tensor.is_cuda() ? tensor.cpu() : tensor;
      case CUDA -> tensor.is_cuda() ? tensor : tensor.cuda();
    };
  }

  /** The libtorch device. */
  public Device device() {
    return new Device(kind == Kind.CUDA ? torch.DeviceType.CUDA : torch.DeviceType.CPU);
  }
}
