package io.realign.export;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * What an exported net takes and gives.
 *
 * @param side of the square images it was made for, in pixels
 * @param anySize whether it takes other images too, of any height and width
 * @param outputs the shape of each by name; N is the batch, H and W are the image's
 */
public record Signature(int side, boolean anySize, SequencedMap<String, List<String>> outputs) {

  /** The name of the input. */
  public static final String IMAGES = "images";

  /** The batch of a shape. */
  static final String BATCH = "N";

  static final String HEIGHT = "H";
  static final String WIDTH = "W";

  /** The shape of the input: numbers, and letters for what may vary. */
  public List<String> images() {
    String fixed = Integer.toString(side);
    return List.of(BATCH, "3", anySize ? HEIGHT : fixed, anySize ? WIDTH : fixed);
  }

  /** The shape of an output. */
  List<String> shape(String output) {
    List<String> shape = outputs.get(output);
    if (shape == null) {
      throw new IllegalArgumentException("there is no output " + output);
    }
    return shape;
  }

  /**
   * The signature of a net.
   *
   * @param recorded side of the image that it gave outputs of {@code shapes} for
   */
  static Signature of(int side, boolean anySize, int recorded, Map<String, long[]> shapes) {
    SequencedMap<String, List<String>> outputs = new LinkedHashMap<>();
    shapes.forEach((name, shape) -> outputs.put(name, dims(name, shape, recorded, anySize)));
    return new Signature(side, anySize, outputs);
  }

  private static List<String> dims(String name, long[] shape, int recorded, boolean anySize) {
    boolean ofImage = anySize && shape.length == 4 && shape[2] == recorded && shape[3] == recorded;
    List<String> dims = new ArrayList<>();
    for (int i = 0; i < shape.length; i++) {
      boolean batch = i == 0 && !name.equals(ExportedNet.PRIORS);
      dims.add(
          batch ? BATCH : ofImage && i >= 2 ? (i == 2 ? HEIGHT : WIDTH) : Long.toString(shape[i]));
    }
    return List.copyOf(dims);
  }

  /** {@code logits [N,10]}, separated by commas. */
  public String outputsText() {
    return outputs.entrySet().stream()
        .map(each -> text(each.getKey(), each.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** {@code images [N,3,H,W]}. */
  public String imagesText() {
    return text(IMAGES, images());
  }

  private static String text(String name, List<String> dims) {
    return name + " [" + String.join(",", dims) + "]";
  }
}
