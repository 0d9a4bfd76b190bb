package io.realign.evaluate;

import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.nn.StateDict;
import io.realign.torch.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.bytedeco.pytorch.Tensor;

/**
 * Attacked images on disk, a safetensors file for each batch, attack and threat, in fp32 as they
 * were scored: an evaluation that was stopped takes them as they are.
 *
 * @param folder that takes the files; empty to keep none
 */
public record AttackedImages(Optional<Path> folder) {

  /** Keeps nothing. */
  public static final AttackedImages NONE = new AttackedImages(Optional.empty());

  private static final String IMAGES = "images";
  private static final String OF = "of";

  /** In that folder. */
  public static AttackedImages in(Path folder) {
    return new AttackedImages(Optional.of(folder));
  }

  /**
   * The images of a batch, {@code [N,3,H,W]} on the CPU; empty if there are none, or they are of
   * another evaluation.
   *
   * @param of everything that they depend on
   */
  Optional<Tensor> read(String attack, Threat threat, int batch, String of) {
    Optional<Path> file = folder.map(f -> f.resolve(name(attack, threat, batch)));
    if (file.isEmpty() || !Files.exists(file.get())) {
      return Optional.empty();
    }
    try (Scope scope = Scope.open()) {
      Safetensors.Contents contents = Safetensors.readContents(file.get());
      if (!hash(of).equals(contents.metadata().get(OF))) {
        return Optional.empty();
      }
      return Optional.of(scope.keep(contents.tensors().get(IMAGES)));
    } catch (InputException damaged) {
      return Optional.empty(); // made again
    }
  }

  /** Keeps the images of a batch. */
  void write(String attack, Threat threat, int batch, String of, Tensor images) {
    folder.ifPresent(
        f -> {
          try (Scope scope = Scope.open()) {
            StateDict tensors = new StateDict();
            tensors.put(IMAGES, images.detach().cpu().contiguous());
            Safetensors.write(
                f.resolve(name(attack, threat, batch)), tensors, Map.of(OF, hash(of)));
          }
        });
  }

  /** Removes the files, and the folder if it held nothing else. */
  public void remove() {
    if (folder.isEmpty() || !Files.isDirectory(folder.get())) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.get(), "*.safetensors")) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(folder.get());
    } catch (IOException e) {
      throw new UncheckedIOException(folder.get() + " cannot be removed", e);
    }
  }

  private static String name(String attack, Threat threat, int batch) {
    return String.format(
        Locale.ROOT,
        "%s-%s-%05d.safetensors",
        attack,
        threat.name().toLowerCase(Locale.ROOT).replace('_', '-'),
        batch);
  }

  private static String hash(String of) {
    return UUID.nameUUIDFromBytes(of.getBytes(StandardCharsets.UTF_8)).toString();
  }
}
