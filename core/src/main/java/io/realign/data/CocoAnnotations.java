package io.realign.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.realign.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An annotation file of COCO: its images, boxes and categories. Polygons and captions are passed
 * over.
 *
 * @param categories names by id
 * @param images in the file's order, by id
 * @param objects of each image, by its id
 */
record CocoAnnotations(
    SortedMap<Long, String> categories,
    SequencedMap<Long, Image> images,
    Map<Long, List<Entry>> objects) {

  /** An image; width and height are 0 where the file does not say. */
  record Image(String file, int width, int height) {}

  /**
   * An object.
   *
   * @param id of the annotation
   * @param category its id
   * @param crowd whether the box holds many
   */
  record Entry(
      long id,
      long category,
      double left,
      double top,
      double width,
      double height,
      boolean crowd) {}

  /**
   * Reads a file, in one pass.
   *
   * @throws InputException naming the file and the entry's id, for what is missing or damaged
   */
  static CocoAnnotations read(Path file) {
    return read(file, Flaws.thrown());
  }

  /** As {@link #read(Path)}; what is wrong with single entries goes to {@code flaws}. */
  static CocoAnnotations read(Path file, Flaws flaws) {
    return new Reading(file, flaws).annotations(false);
  }

  /** Its categories alone. */
  static SortedMap<Long, String> categories(Path file) {
    return new Reading(file, Flaws.thrown()).annotations(true).categories();
  }

  /** One pass over a file. */
  private static final class Reading {
    private final Path file;
    private final Flaws flaws;
    private final SortedMap<Long, String> categories = new TreeMap<>();
    private final SequencedMap<Long, Image> images = new LinkedHashMap<>();
    private final Map<Long, List<Entry>> objects = new HashMap<>();

    Reading(Path file, Flaws flaws) {
      this.file = file;
      this.flaws = flaws;
    }

    CocoAnnotations annotations(boolean categoriesAlone) {
      try (InputStream in = Files.newInputStream(file);
          JsonParser json = new JsonFactory().createParser(in)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw wrong("is no object with images, annotations and categories");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String key = json.currentName();
          JsonToken value = json.nextToken();
          if (value == JsonToken.START_ARRAY && key.equals("categories")) {
            each(json, this::category);
          } else if (value == JsonToken.START_ARRAY && !categoriesAlone && key.equals("images")) {
            each(json, this::image);
          } else if (value == JsonToken.START_ARRAY
              && !categoriesAlone
              && key.equals("annotations")) {
            each(json, this::object);
          } else {
            json.skipChildren();
          }
        }
      } catch (JsonProcessingException e) {
        throw new InputException("%s: damaged JSON%s".formatted(file, place(e.getLocation())), e);
      } catch (NoSuchFileException e) {
        throw new InputException(file + ": no such file", e);
      } catch (IOException e) {
        throw new InputException("cannot read " + file + ": " + e, e);
      }
      if (categories.isEmpty()) {
        throw wrong("has no categories");
      }
      if (!categoriesAlone && images.isEmpty()) {
        throw wrong("lists no images");
      }
      return new CocoAnnotations(categories, images, objects);
    }

    private static String place(@Nullable JsonLocation at) {
      return at == null ? "" : " in line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
    }

    private interface Taker {
      void take(Map<String, Object> values, int index);
    }

    /** The scalars of each object of an array, and its arrays of numbers. */
    private void each(JsonParser json, Taker taker) throws IOException {
      int index = 0;
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
          throw wrong(
              "has something that is no object in line " + json.currentLocation().getLineNr());
        }
        Map<String, Object> values = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String key = json.currentName();
          JsonToken token = json.nextToken();
          if (key.equals("bbox") && token == JsonToken.START_ARRAY) {
            values.put(key, numbers(json));
          } else if (token.isStructStart()) {
            json.skipChildren();
          } else if (token.isNumeric()) {
            values.put(key, json.getDoubleValue());
          } else if (token == JsonToken.VALUE_STRING) {
            values.put(key, json.getText());
          } else if (token.isBoolean()) {
            values.put(key, json.getBooleanValue() ? 1.0 : 0.0);
          }
        }
        int number = index++;
        flaws.check(() -> taker.take(values, number));
      }
    }

    private static List<Double> numbers(JsonParser json) throws IOException {
      List<Double> numbers = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken().isStructStart()) {
          json.skipChildren();
          numbers.add(Double.NaN);
        } else {
          numbers.add(json.currentToken().isNumeric() ? json.getDoubleValue() : Double.NaN);
        }
      }
      return numbers;
    }

    private void category(Map<String, Object> values, int index) {
      long id = id(values, "id", "category number " + index);
      if (!(values.get("name") instanceof String name) || name.isBlank()) {
        throw wrong("category " + id + " has no name");
      }
      if (categories.put(id, name) != null) {
        throw wrong("category " + id + " is there twice");
      }
    }

    private void image(Map<String, Object> values, int index) {
      long id = id(values, "id", "image number " + index);
      if (!(values.get("file_name") instanceof String name) || name.isBlank()) {
        throw wrong("image " + id + " has no file_name");
      }
      Image image = new Image(name, size(values, "width", id), size(values, "height", id));
      if (images.put(id, image) != null) {
        throw wrong("image " + id + " is there twice");
      }
    }

    private int size(Map<String, Object> values, String key, long id) {
      if (!values.containsKey(key)) {
        return 0;
      }
      if (values.get(key) instanceof Double size && size >= 0 && size <= 1 << 20) {
        return size.intValue();
      }
      throw wrong("image %d: %s is %s".formatted(id, key, values.get(key)));
    }

    private void object(Map<String, Object> values, int index) {
      long id = id(values, "id", "annotation number " + index);
      String what = "annotation " + id;
      long image = id(values, "image_id", what);
      long category = id(values, "category_id", what);
      if (!(values.get("bbox") instanceof List<?> box)
          || box.size() != 4
          || !box.stream().allMatch(v -> v instanceof Double number && Double.isFinite(number))) {
        throw wrong("%s: bbox is %s, expected four numbers".formatted(what, values.get("bbox")));
      }
      List<Double> sides = box.stream().map(Double.class::cast).toList();
      boolean crowd = values.get("iscrowd") instanceof Double flag && flag == 1;
      objects
          .computeIfAbsent(image, key -> new ArrayList<>())
          .add(
              new Entry(
                  id, category, sides.get(0), sides.get(1), sides.get(2), sides.get(3), crowd));
    }

    private long id(Map<String, Object> values, String key, String what) {
      if (values.get(key) instanceof Double id && id == Math.rint(id)) {
        return id.longValue();
      }
      throw wrong("%s: %s is %s, no whole number".formatted(what, key, values.get(key)));
    }

    private InputException wrong(String what) {
      return new InputException(file + ": " + what);
    }
  }
}
