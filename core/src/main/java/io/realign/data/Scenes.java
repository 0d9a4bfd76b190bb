package io.realign.data;

import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Images that Realign draws itself: ten kinds of objects on cluttered, textured, shaded
 * backgrounds, with class, mask and boxes. Needs no download, so every task has a default.
 *
 * <p>Image {@code index} is a function of the seed, the part, the layout, the size and the index.
 * The mask holds 0 for background and label + 1 for an object; boxes enclose the visible pixels.
 */
public final class Scenes implements Dataset {

  /** What is in an image. */
  public enum Layout {
    /** One object, 60 to 90 % of the frame: classification. */
    SINGLE,
    /** One to three objects, 35 to 65 % of the frame, that may hide parts of one another. */
    MANY
  }

  /** The name of {@link #ofOne}. */
  static final String OF_ONE = "scenes-single";

  /** Training images unless told otherwise. */
  public static final int TRAIN_SIZE = 50_000;

  /** Test images unless told otherwise. */
  public static final int TEST_SIZE = 10_000;

  private static final int LEAST_SIDE = 32;
  private static final List<String> CLASSES =
      Arrays.stream(SceneShape.values()).map(SceneShape::word).toList();

  private final String name;
  private final Layout layout;
  private final int side;
  private final int size;
  private final Seed seed;

  /**
   * A set of scenes.
   *
   * @param side height and width in pixels, ≥ 32
   * @param part draws of their own for each
   * @param size the number of images, ≥ 1; a smaller set is the beginning of a larger one
   * @param seed the seed of the data, not of a run: runs compare on the same images
   */
  public Scenes(Layout layout, int side, Part part, int size, Seed seed) {
    this("scenes", layout, side, part, size, seed);
  }

  private Scenes(String name, Layout layout, int side, Part part, int size, Seed seed) {
    if (side < LEAST_SIDE) {
      throw new InputException("scenes are at least 32 pixels wide, not " + side);
    }
    if (size < 1) {
      throw new InputException("scenes needs at least one image, not " + size);
    }
    this.name = name;
    this.layout = layout;
    this.side = side;
    this.size = size;
    this.seed = seed.child("scenes").child(part.word()).child(layout.name());
  }

  /** The usual set: one object an image, 50,000 images to train, 10,000 to test, seed 0. */
  public static Scenes standard(int side, Part part) {
    return new Scenes(Layout.SINGLE, side, part, size(part), Seed.of(0));
  }

  /** The same number of images with one to three objects each, for masks and boxes. */
  public static Scenes ofMany(int side, Part part) {
    return new Scenes(Layout.MANY, side, part, size(part), Seed.of(0));
  }

  /**
   * The images of {@link #standard} under a name that means them whatever they are labelled with.
   */
  public static Scenes ofOne(int side, Part part) {
    return new Scenes(OF_ONE, Layout.SINGLE, side, part, size(part), Seed.of(0));
  }

  private static int size(Part part) {
    return part == Part.TRAIN ? TRAIN_SIZE : TEST_SIZE;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> classes() {
    return CLASSES;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int imageSize() {
    return side;
  }

  @Override
  public Sample get(int index) {
    Objects.checkIndex(index, size);
    SplittableRandom random = seed.child(index).random();
    Scene scene = new Scene(random, side);
    switch (layout) {
      case SINGLE -> scene.add(balanced(index), random.nextDouble(0.6, 0.9));
      case MANY -> {
        SceneShape[] shapes = SceneShape.values();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
          scene.add(shapes[random.nextInt(shapes.length)], random.nextDouble(0.35, 0.65));
        }
      }
    }
    return scene.develop();
  }

  /** Each ten images in a row show each class once, in a random order. */
  private SceneShape balanced(int index) {
    SceneShape[] shapes = SceneShape.values();
    SplittableRandom random = seed.child("order").child(index / shapes.length).random();
    for (int i = shapes.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      SceneShape swapped = shapes[i];
      shapes[i] = shapes[j];
      shapes[j] = swapped;
    }
    return shapes[index % shapes.length];
  }
}
