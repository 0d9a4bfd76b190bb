package io.realign.data;

import io.realign.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.Optional;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * An annotation file of PASCAL VOC.
 *
 * @param imageName the name of the image's file, if it is written down; nothing says that it is
 *     true
 * @param size of the image, if it is written down
 * @param boxes the objects; columns and rows counted from 0, the right and lower edge past the end
 */
record VocAnnotation(
    Optional<String> imageName, Optional<AnnotatedFiles.Size> size, List<Box> boxes) {

  private static final String OBJECT = "object";
  private static final String PART = "part"; // of a person: boxes of its own, which are not objects

  /**
   * Reads a file. A box that reaches beyond the image is cut at the frame, one that covers no pixel
   * of it left out, both with a note.
   *
   * @param classes the names of the classes, by label
   * @throws InputException naming the file, if it is damaged or names another class
   */
  static VocAnnotation read(Path file, List<String> classes) {
    return read(file, classes, Flaws.thrown());
  }

  /** As {@link #read(Path, List)}; what is wrong with single objects goes to {@code flaws}. */
  static VocAnnotation read(Path file, List<String> classes, Flaws flaws) {
    return parsed(file).annotation(classes, flaws);
  }

  /**
   * The classes that a file names.
   *
   * @throws InputException naming the file, if it is damaged or has an object without a name
   */
  static Set<String> classes(Path file) {
    return parsed(file).classes();
  }

  private static Reading parsed(Path file) {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false); // no entities from elsewhere
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    try (InputStream in = Files.newInputStream(file)) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      try {
        Reading reading = new Reading(file);
        reading.parse(xml);
        return reading;
      } finally {
        xml.close();
      }
    } catch (XMLStreamException e) {
      throw new InputException(
          "%s: damaged XML in line %d".formatted(file, e.getLocation().getLineNumber()), e);
    } catch (MissingResourceException e) { // the JDK has no words for some damage
      throw new InputException(file + ": damaged XML", e);
    } catch (IOException e) {
      throw new InputException("cannot read " + file + ": " + e, e);
    }
  }

  /** What one pass over the file found. */
  private static final class Reading {
    private final Path file;
    private final List<Map<String, String>> objects = new ArrayList<>();
    private final Map<String, String> frame = new HashMap<>();

    Reading(Path file) {
      this.file = file;
    }

    void parse(XMLStreamReader xml) throws XMLStreamException {
      Map<String, String> values = frame; // of the object that is being read, else of the image
      String element = "";
      boolean inPart = false;
      StringBuilder text = new StringBuilder();
      while (xml.hasNext()) {
        switch (xml.next()) {
          case XMLStreamConstants.START_ELEMENT -> {
            element = xml.getLocalName();
            text.setLength(0);
            if (element.equals(OBJECT)) {
              values = new HashMap<>();
              objects.add(values);
            }
            inPart |= element.equals(PART);
          }
          case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
              text.append(xml.getText());
          case XMLStreamConstants.END_ELEMENT -> {
            String ended = xml.getLocalName();
            if (ended.equals(element) && !inPart) {
              values.putIfAbsent(ended, text.toString().strip());
            }
            inPart &= !ended.equals(PART);
            if (ended.equals(OBJECT)) {
              values = frame;
            }
          }
          default -> {} // comments and the like
        }
      }
    }

    Set<String> classes() {
      Set<String> names = new HashSet<>();
      for (Map<String, String> object : objects) {
        String name = object.getOrDefault("name", "");
        if (name.isEmpty()) {
          throw new InputException(file + ": an object without a name");
        }
        names.add(name);
      }
      return names;
    }

    VocAnnotation annotation(List<String> classes, Flaws flaws) {
      Optional<AnnotatedFiles.Size> size = flaws.read(this::size).flatMap(known -> known);
      List<Box> boxes = new ArrayList<>();
      for (Map<String, String> object : objects) {
        flaws
            .read(() -> box(object, classes, size, flaws))
            .flatMap(box -> box)
            .ifPresent(boxes::add);
      }
      Optional<String> name =
          Optional.of(frame.getOrDefault("filename", "")).filter(text -> !text.isEmpty());
      return new VocAnnotation(name, size, List.copyOf(boxes));
    }

    private Optional<AnnotatedFiles.Size> size() {
      if (!frame.containsKey("width") || !frame.containsKey("height")) {
        return Optional.empty();
      }
      int width = (int) number(frame, "width");
      int height = (int) number(frame, "height");
      return width > 0 && height > 0 // some tools write 0 for unknown
          ? Optional.of(new AnnotatedFiles.Size(width, height))
          : Optional.empty();
    }

    private Optional<Box> box(
        Map<String, String> object,
        List<String> classes,
        Optional<AnnotatedFiles.Size> size,
        Flaws flaws) {
      String name = object.getOrDefault("name", "");
      int label = classes.indexOf(name);
      if (label < 0) {
        throw new InputException(
            "%s: unknown class '%s': one of %s".formatted(file, name, String.join(", ", classes)));
      }
      float left = number(object, "xmin") - 1; // VOC counts from 1, both ends within the box
      float top = number(object, "ymin") - 1;
      float right = number(object, "xmax");
      float bottom = number(object, "ymax");
      boolean difficult = object.getOrDefault("difficult", "0").equals("1");
      Box written = new Box(label, left, top, right, bottom, difficult);
      Box cut =
          written.at(
              Math.max(0, left),
              Math.max(0, top),
              Math.min(right, size.map(s -> (float) s.width()).orElse(right)),
              Math.min(bottom, size.map(s -> (float) s.height()).orElse(bottom)));
      if (cut.left() >= cut.right() || cut.top() >= cut.bottom()) {
        flaws.repaired(file, "a box of %s covers nothing, left out".formatted(name));
        return Optional.empty();
      }
      if (!cut.equals(written)) {
        flaws.repaired(file, "a box of %s reaches beyond the image, cut".formatted(name));
      }
      return Optional.of(cut);
    }

    private float number(Map<String, String> values, String key) {
      String text = values.getOrDefault(key, "");
      float number;
      try {
        number = Float.parseFloat(text);
      } catch (NumberFormatException e) {
        number = Float.NaN;
      }
      if (!Float.isFinite(number)) {
        throw new InputException("%s: %s is '%s', no number".formatted(file, key, text));
      }
      return number;
    }
  }
}
