package io.realign.data;

import io.realign.io.InputException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What is wrong with the files of a dataset. As a rule the first that cannot be used ends the
 * opening; a check keeps what is wrong and goes on.
 */
final class Flaws {

  private static final int REPAIRS_TOLD = 5;

  private final boolean kept;
  private final List<String> refused = new ArrayList<>();
  private final List<Repair> repairs = new ArrayList<>();

  private Flaws(boolean kept) {
    this.kept = kept;
  }

  /**
   * Something that was put right.
   *
   * @param file the annotations
   * @param what was wrong with which of them
   */
  record Repair(Path file, String what) {}

  /** The first that cannot be used is thrown. */
  static Flaws thrown() {
    return new Flaws(false);
  }

  /** All that cannot be used are kept. */
  static Flaws kept() {
    return new Flaws(true);
  }

  /** What {@code reading} gives; empty if it cannot be used and that is kept. */
  <T> Optional<T> read(Supplier<T> reading) {
    try {
      return Optional.of(reading.get());
    } catch (IllegalArgumentException | UncheckedIOException e) {
      if (!kept) {
        throw e;
      }
      refused.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** As {@link #read}, for what gives nothing. */
  void check(Runnable check) {
    read(
        () -> {
          check.run();
          return true;
        });
  }

  /** Refuses something. */
  void refuse(InputException e) {
    check(
        () -> {
          throw e;
        });
  }

  /** Keeps that something was put right. */
  void repaired(Path file, String what) {
    repairs.add(new Repair(file, what));
  }

  /** What cannot be used, a line each that names the file. */
  List<String> refused() {
    return List.copyOf(refused);
  }

  /** All that was put right. */
  List<Repair> repairs() {
    return List.copyOf(repairs);
  }

  /**
   * The first of what was put right, and how much more there is under {@code name}; nothing in a
   * check, which tells all.
   */
  List<String> notes(String name) {
    if (kept) {
      return List.of();
    }
    List<String> notes = new ArrayList<>();
    for (Repair repair : repairs.subList(0, Math.min(REPAIRS_TOLD, repairs.size()))) {
      notes.add(ImageFiles.fileName(repair.file) + ": " + repair.what);
    }
    if (repairs.size() > REPAIRS_TOLD) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%s: %,d more boxes cut or left out",
              name,
              repairs.size() - REPAIRS_TOLD));
    }
    return notes;
  }
}
