package io.realign.cli;

import io.realign.data.Annotation;
import io.realign.data.Box;
import io.realign.data.Dataset;
import io.realign.data.Labelling;
import io.realign.io.OneLine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** In how many images, boxes and pixels each class was seen. */
final class ClassCounts {

  private static final int MOST_TOLD = 40;
  private static final int LONGEST_NAME = 30;
  private static final int UNKNOWN = Annotation.UNKNOWN & 255;

  private final Labelling labelling;
  private final List<String> names;
  private final int[] images;
  private final int[] boxes;
  private final int[] difficult;
  private final long[] pixels = new long[UNKNOWN + 1];

  /** For images of {@code data}. */
  ClassCounts(Dataset data, Labelling labelling) {
    this.labelling = labelling;
    this.names = labelling == Labelling.MASKS ? data.maskClasses() : data.classes();
    this.images = new int[names.size()];
    this.boxes = new int[names.size()];
    this.difficult = new int[names.size()];
  }

  /** Counts an image. */
  void add(Annotation known) {
    boolean[] shown = new boolean[names.size()];
    switch (labelling) {
      case CLASSES -> shown[known.label()] = true;
      case MASKS -> {
        for (byte value : known.mask()) {
          pixels[value & 255]++;
          if (value != Annotation.UNKNOWN) {
            shown[value & 255] = true;
          }
        }
      }
      case BOXES -> {
        for (Box box : known.boxes()) {
          boxes[box.label()]++;
          difficult[box.label()] += box.difficult() ? 1 : 0;
          shown[box.label()] = true;
        }
      }
    }
    for (int label = 0; label < shown.length; label++) {
      images[label] += shown[label] ? 1 : 0;
    }
  }

  /** What a mask's values stand for, of those that were seen. */
  SequencedMap<Integer, String> seen() {
    SequencedMap<Integer, String> seen = new TreeMap<>();
    IntStream.range(0, names.size())
        .filter(label -> images[label] > 0)
        .forEach(label -> seen.put(label, name(label)));
    if (pixels[UNKNOWN] > 0) {
      seen.put(UNKNOWN, "unknown");
    }
    return seen;
  }

  /** A line for each class that was seen, that of the most images first, and one for the others. */
  List<String> lines() {
    List<Integer> order =
        IntStream.range(0, names.size())
            .filter(label -> images[label] > 0)
            .boxed()
            .sorted((a, b) -> Integer.compare(images[b], images[a]))
            .toList();
    List<Integer> told = order.subList(0, Math.min(MOST_TOLD, order.size()));
    int width = told.stream().mapToInt(label -> name(label).length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    told.forEach(label -> lines.add(line(label, width)));
    if (order.size() > told.size()) {
      lines.add("and " + counted(order.size() - told.size(), "class", "classes") + " more");
    }
    if (order.size() < names.size()) {
      lines.add(
          "none of %s"
              .formatted(counted(names.size() - order.size(), "other class", "other classes")));
    }
    return lines;
  }

  private String line(int label, int width) {
    String more =
        switch (labelling) {
          case CLASSES -> "";
          case MASKS -> String.format(Locale.ROOT, ", %.1f %% of the pixels", 100.0 * share(label));
          case BOXES ->
              ", "
                  + counted(boxes[label], "box", "boxes")
                  + (difficult[label] > 0 ? " (" + difficult[label] + " difficult)" : "");
        };
    return ("%-" + width + "s  %s%s")
        .formatted(name(label), counted(images[label], "image", "images"), more);
  }

  /** Of the pixels of which the class is known. */
  private double share(int label) {
    long known = IntStream.range(0, UNKNOWN).mapToLong(value -> pixels[value]).sum();
    return (double) pixels[label] / known;
  }

  private static String counted(int count, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? one : many);
  }

  /** Users' files hold names of any kind. */
  private String name(int label) {
    return OneLine.of(names.get(label), LONGEST_NAME);
  }
}
