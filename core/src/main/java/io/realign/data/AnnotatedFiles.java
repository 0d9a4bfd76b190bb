package io.realign.data;

import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Mask;
import io.realign.io.Pixels;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Image files with masks or boxes, decoded when asked for and brought to one size.
 *
 * @param name of the dataset
 * @param classes the names of the objects' classes
 * @param maskClasses the names of the masks' values
 * @param entries the images
 * @param values what the values of mask files stand for
 * @param fit how images become square
 * @param imageSize the side of the square
 * @param notes what the user should know
 */
record AnnotatedFiles(
    String name,
    List<String> classes,
    List<String> maskClasses,
    List<Entry> entries,
    MaskValues values,
    Fit fit,
    int imageSize,
    List<String> notes)
    implements Dataset {

  /**
   * An image and what is known about it.
   *
   * @param image its file
   * @param mask its mask's file, if masks are wanted
   * @param boxes its objects, if boxes are wanted, in pixels of the file
   * @param size width and height that the boxes were drawn on; empty if that is not written down
   */
  record Entry(Path image, Optional<Path> mask, List<Box> boxes, Optional<Size> size) {}

  /** Of an image, in pixels. */
  record Size(int width, int height) {}

  AnnotatedFiles {
    classes = List.copyOf(classes);
    maskClasses = List.copyOf(maskClasses);
    entries = List.copyOf(entries);
    notes = List.copyOf(notes);
    if (imageSize < 1) {
      throw new InputException("the image size must be at least 1, not " + imageSize);
    }
  }

  /** With boxes of a user's own classes; images become square as detectors see them. */
  static AnnotatedFiles ofBoxes(
      String name, List<String> classes, List<Entry> entries, int side, List<String> notes) {
    return new AnnotatedFiles(
        name,
        classes,
        Dataset.withBackground(classes),
        entries,
        MaskValues.plain(1),
        Fit.STRETCH,
        side,
        notes);
  }

  @Override
  public int size() {
    return entries.size();
  }

  /**
   * {@inheritDoc}
   *
   * @throws InputException naming the file, if an image or mask cannot be read or they do not fit
   *     together
   */
  @Override
  public Sample get(int index) {
    return fit.apply(original(index), imageSize);
  }

  /**
   * {@inheritDoc}
   *
   * @throws InputException as {@link #get}
   */
  @Override
  public Sample original(int index) {
    Entry entry = entries.get(index);
    Pixels image = Images.read(entry.image());
    entry.size().ifPresent(size -> check(entry, size, image));
    byte[] mask = new byte[0];
    if (entry.mask().isPresent()) {
      Path file = entry.mask().get();
      Mask read = Images.readMask(file);
      check(entry, image, file, read);
      mask = values.classes(read, file);
    }
    int label =
        entry.boxes().stream().max(Comparator.comparingDouble(Box::area)).map(Box::label).orElse(0);
    return new Sample(image, new Annotation(label, mask, entry.boxes()));
  }

  /** Looks at image and mask each by itself, and at whether they fit together. */
  @Override
  public List<String> problems(int index) {
    Entry entry = entries.get(index);
    Flaws flaws = Flaws.kept();
    Optional<Pixels> image = flaws.read(() -> Images.read(entry.image()));
    Optional<Mask> mask = entry.mask().flatMap(file -> flaws.read(() -> Images.readMask(file)));
    image.ifPresent(
        pixels -> {
          entry.size().ifPresent(size -> flaws.check(() -> check(entry, size, pixels)));
          mask.ifPresent(
              read -> flaws.check(() -> check(entry, pixels, entry.mask().orElseThrow(), read)));
        });
    mask.ifPresent(read -> flaws.check(() -> values.classes(read, entry.mask().orElseThrow())));
    return flaws.refused();
  }

  private static void check(Entry entry, Size size, Pixels image) {
    if (size.width != image.width() || size.height != image.height()) {
      throw new InputException(
          "%s has %d×%d pixels, its annotation says %d×%d"
              .formatted(entry.image(), image.width(), image.height(), size.width, size.height));
    }
  }

  private static void check(Entry entry, Pixels image, Path file, Mask mask) {
    if (mask.width() != image.width() || mask.height() != image.height()) {
      throw new InputException(
          "%s has %d×%d pixels, its image %s %d×%d"
              .formatted(
                  file,
                  mask.width(),
                  mask.height(),
                  entry.image().getFileName(),
                  image.width(),
                  image.height()));
    }
  }
}
