package io.realign.cli;

import io.realign.torch.Compute;
import picocli.CommandLine.Option;

/** The options that say where and how precisely to compute. */
final class ComputeOptions {

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "auto, cpu or cuda; default: ${DEFAULT-VALUE}.")
  private String device = "";

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "fp32",
      description =
          "fp32 or bf16 for the forward passes of training and attacks; "
              + "default: ${DEFAULT-VALUE}. bf16 is faster where the CPU has it.")
  private String precision = "";

  /** The device that is asked for, with the precision of a configuration. */
  Compute compute(Compute.Precision configured) {
    return Compute.of(device, configured.name());
  }

  Compute compute() {
    return Compute.of(device, precision);
  }
}
