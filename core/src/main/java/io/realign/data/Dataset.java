package io.realign.data;

import java.util.List;
import java.util.stream.Stream;

/** Labelled images by index. Implementations are immutable and may be read from several threads. */
public interface Dataset {

  /** What the masks' class behind all others is called. */
  String BACKGROUND = "background";

  /** The name on the command line: {@code cifar10}. */
  String name();

  /** The names of the classes, by label. */
  List<String> classes();

  /**
   * What the values of masks stand for: background, then the classes; a dataset that has a class
   * for each pixel has no background.
   */
  default List<String> maskClasses() {
    return withBackground(classes());
  }

  /** Background, then {@code classes}. */
  static List<String> withBackground(List<String> classes) {
    return Stream.concat(Stream.of(BACKGROUND), classes.stream()).toList();
  }

  /**
   * Whether a class of masks is what lies behind the others: a data set that has such a one calls
   * it so ({@code background}, or {@code _background_} as labelme writes).
   */
  static boolean isBackground(String name) {
    return name.replace("_", "").equalsIgnoreCase(BACKGROUND);
  }

  /** The number of images. */
  int size();

  /** The height and width of its images, in pixels. */
  int imageSize();

  /** Image {@code index}, from 0 to below {@link #size}. The same every time. */
  Sample get(int index);

  /**
   * Image {@code index} as it is stored, at its own size and shape; where that is not kept, {@link
   * #get}.
   */
  default Sample original(int index) {
    return get(index);
  }

  /** Why {@link #get} refuses image {@code index}, a line each; empty if it does not. */
  default List<String> problems(int index) {
    Flaws flaws = Flaws.kept();
    flaws.read(() -> get(index));
    return flaws.refused();
  }

  /** What the user should know: a file shorter than usual, say. Empty as a rule. */
  default List<String> notes() {
    return List.of();
  }

  /** Whether images come from memory: to keep them once more would gain nothing. */
  default boolean inMemory() {
    return false;
  }
}
