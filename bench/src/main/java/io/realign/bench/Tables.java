package io.realign.bench;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** The report as text. */
final class Tables {

  private static final int SHOWN = 12;

  private final PrintWriter out;

  Tables(PrintWriter out) {
    this.out = out;
  }

  void peak(ConvPeak peak) {
    line("3×3 convolution, forward, GF/s: median (min–max)");
    for (ConvPeak.Cell cell : peak.fastest().stream().limit(SHOWN).toList()) {
      line(
          "  %-32s %-10s %-9s %s",
          cell.shape(),
          lower(cell.format()),
          cell.mode() == ConvPeak.Mode.EACH ? "each core" : "together",
          spread(cell.gigaflops(), 1));
    }
    line(
        "  conv peak: fp32 %.1f GF/s%s; fastest single measurement %.1f",
        peak.fp32(), bf16(peak), peak.fp32Once());
    line("");
  }

  void served(String what, LoadFigures load) {
    line(
        "  %-22s %7.0f images/s, p50 %.1f ms, p99 %.1f ms; %d served, %d refused (503), other %s%s",
        what,
        load.imagesPerSecond(),
        load.medianMillis(),
        load.p99Millis(),
        load.served(),
        load.refused(),
        load.other().isEmpty() ? "none" : load.other(),
        load.residentMegabytes().isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                "; memory %.0f to %.0f MB",
                load.residentMegabytes().getFirst(),
                load.residentMegabytes().getLast()));
  }

  void wide(WideNet net) {
    line("%s, %.3f GMAC forward, fp32", net.name(), net.multiplyAdds() * 1e-9);
    for (WideNet.Row row : net.rows()) {
      line(
          "  %-5s batch %-3d %-9s %-28s images/s  %6.1f GF/s  %3.0f %% of peak",
          row.work(),
          row.batch(),
          row.workers() > 1 ? "each core" : "together",
          spread(row.imagesPerSecond(), 2),
          row.gigaflops(),
          100 * row.ofPeak());
    }
    line("  (pgd: images × steps a second)");
    line("");
  }

  void defense(BenchReport.Defense defense) {
    DefenseSpeed speed = defense.speed();
    line("Training a defense, profile small: %s", defense.given());
    line(
        "  %s images/s over %d steps of %d images",
        spread(speed.imagesPerSecond(), 1), speed.steps(), speed.imagesPerStep());
    StepCost cost = defense.multiplyAdds();
    line(
        "  %.0f MMAC an image (attack %.0f, forward %.0f, backward %.0f): %.1f GF/s, %.0f %% of peak",
        1e-6 * cost.total(),
        1e-6 * cost.attack(),
        1e-6 * cost.forward(),
        1e-6 * cost.backward(),
        defense.gigaflops(),
        100 * defense.ofPeak());
    DefenseSpeed.Memory memory = speed.memory();
    if (memory != null) {
      line(
          "  memory: %.0f MB after step %d, %.0f MB after step %d: %+.0f MB",
          memory.from(), memory.fromStep(), memory.to(), memory.toStep(), memory.growth());
    }
    line("");
    double sum = defense.parts().values().stream().mapToDouble(Spread::median).sum();
    line("Where a step's time goes, ms: median (min–max)");
    for (Map.Entry<StepParts.Part, Spread> part : defense.parts().entrySet()) {
      line(
          "  %-58s %-26s %3.0f %%",
          part.getKey().meaning(),
          spread(part.getValue().map(s -> 1000 * s), 1),
          100 * part.getValue().median() / sum);
    }
    line(
        "  the sum is %.1f ms; a step of the trainer takes %.1f ms",
        1000 * sum, 1000 * speed.imagesPerStep() / speed.imagesPerSecond().median());
  }

  void line(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }

  private static String spread(Spread spread, int digits) {
    String number = "%." + digits + "f";
    return String.format(
        Locale.ROOT,
        number + " (" + number + "–" + number + ")",
        spread.median(),
        spread.min(),
        spread.max());
  }

  private static String bf16(ConvPeak peak) {
    return peak.bf16() > 0 ? String.format(Locale.ROOT, ", bf16 %.1f GF/s", peak.bf16()) : "";
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  void published(PublishedStep s) {
    line("");
    line(
        "%s at %d², G at %d², batch %d: %.1f (%.1f–%.1f) s a step, %.0f GMAC",
        s.target(),
        s.targetSide(),
        s.generatorSide(),
        s.batch(),
        s.secondsPerStep().median(),
        s.secondsPerStep().min(),
        s.secondsPerStep().max(),
        s.multiplyAdds() / 1e9);
    line(
        "  %.1f GF/s, %.0f %% of peak; at most %.0f MB",
        s.gigaflops(), 100 * s.ofPeak(), s.peakMegabytes());
  }
}
