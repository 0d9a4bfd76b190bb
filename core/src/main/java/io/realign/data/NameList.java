package io.realign.data;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Text files with a name a line, in UTF-8. */
final class NameList {

  /** Where a user's folder lists its classes. */
  static final String CLASSES = "classes.txt";

  private static final String MARK = "\ufeff"; // some editors put it before the first letter

  private NameList() {}

  /**
   * Its names, without blanks around them; blank lines at the end are none.
   *
   * @throws InputException naming the file and the line, if a name is there twice or a line before
   *     the last name is blank, or if the file has no name
   */
  static List<String> read(Path file) {
    List<String> lines = lines(file);
    int end = lines.size();
    while (end > 0 && lines.get(end - 1).isEmpty()) {
      end--;
    }
    if (end == 0) {
      throw new InputException(file + " is empty: expected a name a line");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < end; i++) {
      String name = lines.get(i);
      if (name.isEmpty()) {
        throw new InputException(
            "%s: line %d is blank: a name's line says which label it has, so write a name there or take the line out"
                .formatted(file, i + 1));
      }
      if (!seen.add(name)) {
        throw new InputException("%s: '%s' is there twice".formatted(file, name));
      }
    }
    return List.copyOf(lines.subList(0, end));
  }

  /** All lines, without blanks around them. */
  static List<String> lines(Path file) {
    try {
      List<String> lines = new ArrayList<>(Files.readAllLines(file));
      if (!lines.isEmpty() && lines.getFirst().startsWith(MARK)) {
        lines.set(0, lines.getFirst().substring(MARK.length()));
      }
      return lines.stream().map(String::strip).toList();
    } catch (CharacterCodingException e) {
      throw new InputException(file + " is not in UTF-8", e);
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e, e);
    }
  }

  /** By code points: the order of Python's {@code sorted}, and so of torchvision's classes. */
  static List<String> sorted(Collection<String> names) {
    return names.stream()
        .sorted((a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray()))
        .toList();
  }
}
