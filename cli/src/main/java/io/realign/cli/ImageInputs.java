package io.realign.cli;

import io.realign.io.ImageFormat;
import io.realign.io.Images;
import io.realign.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Image files that a user names, and the PNG files that become of them. */
final class ImageInputs {

  private ImageInputs() {}

  /**
   * The images of files and folders by the name of what becomes of them; all are read once, so that
   * one that is no image stops the command before anything is written.
   *
   * @param inputs files, or folders whose images are meant
   * @param out the folder of the results
   * @param overwrite whether results may replace files
   * @return source by result
   * @throws InputException for a missing file, one that is no image, two of one name, or a result
   *     that is there already
   */
  static Map<Path, Path> plan(List<Path> inputs, Path out, boolean overwrite) {
    Map<Path, Path> plan = new LinkedHashMap<>();
    for (Path input : inputs) {
      for (Path file : Files.isDirectory(input) ? images(input) : List.of(input)) {
        Images.read(file);
        Path result = out.resolve(stem(file) + ".png");
        Path twin = plan.put(result, file);
        if (twin != null) {
          throw new InputException("%s and %s would both become %s".formatted(twin, file, result));
        }
        if (Files.exists(result) && !overwrite) {
          throw new InputException(result + " is there already: another --out, or --overwrite");
        }
      }
    }
    return plan;
  }

  private static List<Path> images(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = new ArrayList<>(files.filter(ImageInputs::isImage).sorted().toList());
      if (found.isEmpty()) {
        throw new InputException("no images (" + ImageFormat.allEndings() + ") in " + folder);
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(folder + " cannot be read", e);
    }
  }

  private static boolean isImage(Path file) {
    String name = String.valueOf(file.getFileName());
    return ImageFormat.isImageName(name) && !name.startsWith(".") && Files.isRegularFile(file);
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
