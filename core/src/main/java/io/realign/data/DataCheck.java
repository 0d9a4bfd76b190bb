package io.realign.data;

import io.realign.io.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Reads every image and annotation of a dataset and tells all that is wrong. Opening one ends at
 * the first annotation that cannot be used, and images and masks are read late: in the middle of a
 * training, it may be.
 */
public final class DataCheck {

  private static final int AT_ONCE = 64; // images between two reports of progress

  private final String name;
  private final Optional<Path> dataDir;
  private final Listener listener;
  private final Set<String> refused = new HashSet<>();
  private final SequencedMap<Path, List<String>> repaired = new LinkedHashMap<>();
  private final Set<String> notes = new LinkedHashSet<>();

  private DataCheck(String name, Optional<Path> dataDir, Listener listener) {
    this.name = name;
    this.dataDir = dataDir;
    this.listener = listener;
  }

  /** Is told what is found, when it is found. */
  public interface Listener {

    /** Something cannot be used; one line that names the file. */
    void refused(String what);

    /** A box was cut or left out; one line that names the file. */
    void repaired(String what);

    /** What the user should know, such as which files were passed over. */
    void noted(String what);

    /** {@code done} of {@code total} images are read. */
    void advanced(long done, long total);
  }

  /**
   * What was checked.
   *
   * @param labelling what the images are labelled with
   * @param part of the dataset
   * @param images how many it has, but for those whose annotations cannot be used at all
   */
  public record Checked(Labelling labelling, Part part, int images) {}

  /**
   * The outcome.
   *
   * @param checked by labelling and part; what could not be opened is missing
   * @param refused how many lines tell what cannot be used
   * @param repaired how many boxes were cut or left out
   */
  public record Outcome(List<Checked> checked, int refused, int repaired) {

    /** Copies the list. */
    public Outcome {
      checked = List.copyOf(checked);
    }
  }

  /**
   * Checks a dataset.
   *
   * @param name one of {@link Datasets#names()}
   * @param dataDir as for {@link Datasets#open}
   * @param labellings of those that it has
   * @param parts those to look at, if it has them; all if empty
   * @throws InputException for an unknown name, labels that it lacks and a missing folder name
   */
  public static Outcome run(
      String name,
      Optional<Path> dataDir,
      Collection<Labelling> labellings,
      Collection<Part> parts,
      Listener listener) {
    labellings.forEach(labelling -> Datasets.check(name, labelling));
    List<Part> there = new ArrayList<>(Datasets.parts(name, dataDir));
    if (!parts.isEmpty()) {
      there.retainAll(parts);
      if (there.isEmpty()) {
        throw new InputException(
            name + " has no " + parts.iterator().next().word() + " images of its own here");
      }
    }
    return new DataCheck(name, dataDir, listener).run(labellings, there);
  }

  private Outcome run(Collection<Labelling> labellings, List<Part> parts) {
    SequencedMap<Checked, Dataset> open = new LinkedHashMap<>();
    for (Labelling labelling : labellings) {
      for (Part part : parts) {
        open(labelling, part)
            .ifPresent(data -> open.put(new Checked(labelling, part, data.size()), data));
      }
    }
    notes.forEach(listener::noted);
    long total = open.values().stream().mapToLong(Dataset::size).sum();
    long done = 0;
    for (Dataset data : open.values()) {
      for (int from = 0; from < data.size(); from += AT_ONCE) {
        int to = Math.min(from + AT_ONCE, data.size());
        IntStream.range(from, to)
            .parallel()
            .mapToObj(data::problems)
            .toList() // in the order of the images
            .forEach(problems -> problems.forEach(this::refuse));
        done += to - from;
        listener.advanced(done, total);
      }
    }
    int repairs = repaired.values().stream().mapToInt(List::size).sum();
    return new Outcome(List.copyOf(open.sequencedKeySet()), refused.size(), repairs);
  }

  private Optional<Dataset> open(Labelling labelling, Part part) {
    Flaws flaws = Flaws.kept();
    Datasets.Options options = Datasets.Options.standard().labelled(labelling);
    Optional<Dataset> data = flaws.read(() -> Datasets.files(name, dataDir, part, options, flaws));
    flaws.refused().forEach(this::refuse);
    Map<Path, List<String>> repairs = new LinkedHashMap<>();
    for (Flaws.Repair repair : flaws.repairs()) {
      repairs.computeIfAbsent(repair.file(), file -> new ArrayList<>()).add(repair.what());
    }
    repairs.forEach(this::repair);
    data.map(Dataset::notes).ifPresent(notes::addAll);
    return data;
  }

  private void refuse(String what) {
    if (refused.add(what)) {
      listener.refused(what);
    }
  }

  /** Several parts and labellings may read the same file. */
  private void repair(Path file, List<String> what) {
    if (repaired.putIfAbsent(file, what) == null) {
      what.forEach(each -> listener.repaired(file + ": " + each));
    }
  }
}
