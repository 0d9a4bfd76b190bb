package io.realign.serve;

import io.realign.data.Annotation;
import io.realign.data.Framing;
import io.realign.evaluate.Prediction;
import io.realign.io.ImageEncoder;
import io.realign.io.ImageFormat;
import io.realign.io.Mask;
import io.realign.io.Picture;
import io.realign.io.Pixels;
import io.realign.task.DetectedBox;
import io.realign.task.Finding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A prediction in the words of the answer, with places counted on the image that was sent.
 *
 * @param model whose classes are named
 * @param framing of the image
 * @param leastScore of a box that is told, in [0,1]
 */
record PredictionView(ServedModel model, Framing framing, double leastScore) {

  /** The member that is a PNG. */
  static final String MASK = "mask";

  private static final int CLASSES = 5;
  private static final int VALUES = 256;
  private static final int UNUSED_QUALITY = 100; // of a JPEG

  /** The members of the JSON object. */
  Map<String, Object> of(Prediction prediction) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("task", model.neededTarget().task().name());
    view.put("confidence", prediction.confidence());
    switch (prediction.finding()) {
      case Finding.OneClass one -> view.put("classes", classes(prediction.probabilities()));
      case Finding.Regions regions -> {
        Mask mask = framing.unframed(regions.mask());
        view.put("regions", regions(mask));
        view.put(MASK, png(mask));
      }
      case Finding.Objects objects -> view.put("boxes", boxes(objects.boxes()));
    }
    return view;
  }

  /** How large the image is, by which the mask is: how much work {@link #of} may be. */
  long pixels() {
    return (long) framing.width() * framing.height();
  }

  /** The heap that the members take until they are bytes of an answer. */
  static long heap(Map<String, Object> view) {
    return view.get(MASK) instanceof byte[] mask ? Answer.heap(mask) : 0;
  }

  private Map<String, Object> named(int label) {
    Map<String, Object> named = new LinkedHashMap<>();
    named.put("label", label);
    named.put("name", model.className(label));
    return named;
  }

  /** The likeliest first. */
  private List<Map<String, Object>> classes(List<Float> probabilities) {
    return IntStream.range(0, probabilities.size())
        .boxed()
        .sorted(Comparator.comparingDouble((Integer label) -> -probabilities.get(label)))
        .limit(CLASSES)
        .map(
            label -> {
              Map<String, Object> each = named(label);
              each.put("score", probabilities.get(label));
              return each;
            })
        .toList();
  }

  /** The largest first. */
  private List<Map<String, Object>> regions(Mask mask) {
    long[] counts = new long[VALUES];
    for (byte value : mask.values()) {
      counts[value & 255]++;
    }
    counts[Annotation.UNKNOWN & 255] = 0;
    return IntStream.range(0, VALUES)
        .filter(label -> counts[label] > 0)
        .boxed()
        .sorted(Comparator.comparingLong((Integer label) -> -counts[label]))
        .map(
            label -> {
              Map<String, Object> each = named(label);
              each.put("pixels", counts[label]);
              return each;
            })
        .toList();
  }

  /** A grey PNG of class indices. */
  private static byte[] png(Mask mask) {
    byte[] planes = new byte[Math.multiplyExact(3, mask.values().length)];
    for (int i = 0; i < 3; i++) {
      System.arraycopy(mask.values(), 0, planes, i * mask.values().length, mask.values().length);
    }
    byte[] none = new byte[0];
    Picture picture =
        new Picture(
            ImageFormat.PNG,
            new Pixels(mask.height(), mask.width(), planes),
            none,
            true,
            8,
            1,
            none,
            none,
            false);
    return new ImageEncoder(UNUSED_QUALITY).encode(picture, ImageFormat.PNG);
  }

  private List<Map<String, Object>> boxes(List<DetectedBox> boxes) {
    List<Map<String, Object>> views = new ArrayList<>();
    for (DetectedBox box : boxes) {
      if (box.score() >= leastScore) {
        Map<String, Object> each = named(box.label());
        each.put("score", box.score());
        each.put("left", within(box.left(), framing.width()));
        each.put("top", within(box.top(), framing.height()));
        each.put("right", within(box.right(), framing.width()));
        each.put("bottom", within(box.bottom(), framing.height()));
        views.add(each);
      }
    }
    return views;
  }

  private static float within(float share, int pixels) {
    return Math.clamp(share * pixels, 0, pixels);
  }
}
