package io.realign.align;

import io.realign.io.InputException;
import io.realign.io.Safetensors;
import io.realign.io.Yaml;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * {@code defense.safetensors}: the weights of a generator, with its configuration and origin in the
 * metadata.
 */
public final class DefenseFile {

  private static final String FORMAT = "realign-defense-1";
  private static final String GENERATOR = "generator";

  private DefenseFile() {}

  /**
   * Writes a generator in one step.
   *
   * @param weights its weights, under the names of its parameters
   * @param origin what else to remember: target, data, seed and so on
   */
  public static void write(
      Path file, GeneratorConfig config, StateDict weights, Map<String, String> origin) {
    Map<String, String> metadata = new LinkedHashMap<>(origin);
    metadata.put("format", FORMAT);
    metadata.put(GENERATOR, Yaml.writeJson(new Holder(config)));
    Safetensors.write(file, weights, metadata);
  }

  /**
   * Reads a generator.
   *
   * @throws InputException if the file is missing, broken or no defense
   * @throws io.realign.nn.StateDictMismatch if its weights are not those of its generator
   */
  public static GeneratorPurifier read(Path file, Compute compute) {
    Safetensors.Contents contents = Safetensors.readContents(file);
    String config = contents.metadata().get(GENERATOR);
    if (config == null) {
      throw new InputException(
          file + ": not a defense: its metadata holds no generator; 'train defense' writes one");
    }
    Generator generator =
        Yaml.readJson(config, Holder.class, file + ", metadata '" + GENERATOR + "'")
            .config()
            .declare(Params.blankFor(contents.tensors(), file.toString(), compute), compute);
    generator.params().dict().load(contents.tensors(), file.toString());
    return new GeneratorPurifier(String.valueOf(file.getFileName()), generator);
  }

  /** Keeps the kind of the generator in the JSON. */
  record Holder(GeneratorConfig config) {}
}
