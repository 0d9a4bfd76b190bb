package io.realign.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/** What the operating system tells; empty or false where it does not. */
final class Machine {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final double KIB_PER_MB = 1024;

  private Machine() {}

  /** Processes that ran or waited for a core, averaged over the last minute. */
  static OptionalDouble load() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    return load < 0 ? OptionalDouble.empty() : OptionalDouble.of(load);
  }

  /** The memory of this process that is in RAM, in MB of 2²⁰ bytes. */
  static OptionalDouble residentMegabytes() {
    return status("VmRSS:");
  }

  /** The most that it was since {@link #forgetPeak}. */
  static OptionalDouble peakMegabytes() {
    return status("VmHWM:");
  }

  /** Starts the peak anew; where the system does not let us, it is that of the whole process. */
  static void forgetPeak() {
    try {
      Files.writeString(CLEAR, "5");
    } catch (IOException e) {
      // no Linux, or not allowed
    }
  }

  private static OptionalDouble status(String name) {
    return lines(STATUS).stream()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / KIB_PER_MB)
        .findFirst();
  }

  /** Whether the processor multiplies bfloat16 by itself. */
  static boolean multipliesBfloat16() {
    return lines(PROCESSORS).stream()
        .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
        .anyMatch(
            line ->
                line.contains(" avx512_bf16")
                    || line.contains(" amx_bf16")
                    || line.contains(" bf16"));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }
}
