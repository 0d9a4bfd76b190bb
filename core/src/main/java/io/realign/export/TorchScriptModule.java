package io.realign.export;

import io.realign.io.AtomicFile;
import io.realign.io.Yaml;
import io.realign.torch.Ops;
import io.realign.torch.Program;
import io.realign.torch.Scope;
import io.realign.torch.ScriptFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TupleElements;
import org.bytedeco.pytorch.global.torch;

/**
 * A {@link Program} as a TorchScript module with its weights. It dies with the scope that it is
 * made in.
 */
final class TorchScriptModule {

  /** The file inside the archive that holds the metadata as one JSON object of texts. */
  static final String METADATA = "realign.json";

  private static final String NAME = "__torch__.RealignExport";

  private final JitModule module;

  private TorchScriptModule(JitModule module) {
    this.module = module;
  }

  /**
   * Compiles the program; constants and a foreign module are shared, not copied.
   *
   * @throws IllegalStateException in one line, if libtorch does not take it
   */
  static TorchScriptModule of(Program program, ConstantNames names) {
    JitModule module = new JitModule(new QualifiedName(NAME));
    TorchScriptSource source = new TorchScriptSource(program, names);
    String text = source.text();
    program
        .constants()
        .forEach(
            (number, tensor) ->
                module.register_buffer(
                    source.attributes().get(number), tensor.detach().contiguous()));
    source
        .indices()
        .forEach(
            (name, indices) -> {
              long[] values = indices.stream().mapToLong(Long::longValue).toArray();
              module.register_buffer(name, Ops.longs(values, values.length));
            });
    program
        .script()
        .ifPresent(script -> module.register_module(TorchScriptSource.TARGET, script.module()));
    try {
      module.define(text);
    } catch (RuntimeException e) {
      throw new IllegalStateException(
          "libtorch does not take the program: " + ScriptFailure.reason(e), e);
    }
    module.eval();
    return new TorchScriptModule(module);
  }

  /** The outputs for {@code images}, in the order of the program. */
  List<Tensor> forward(Tensor images) {
    IValue answer = module.forward(new IValueVector(new IValue(images)));
    if (!answer.isTuple()) {
      return List.of(answer.toTensor());
    }
    TupleElements elements = answer.toTuple().elements();
    List<Tensor> outputs = new ArrayList<>();
    for (long i = 0; i < elements.size(); i++) {
      outputs.add(elements.get(i).toTensor());
    }
    return outputs;
  }

  /**
   * Writes the module in one step, after {@code check}, which may throw, has seen what libtorch
   * reads back.
   *
   * @return what the check found
   */
  <T> T write(Path file, Map<String, String> metadata, Function<TorchScriptModule, T> check) {
    try (Scope scope = Scope.open()) {
      ExtraFilesMap extra = new ExtraFilesMap();
      extra.put(new BytePointer(METADATA), Yaml.writeJson(metadata));
      Path copied = Files.createTempFile("realign-export", ".pt");
      try {
        module.save(copied.toString(), extra);
        T found = check.apply(new TorchScriptModule(torch.load(copied.toString())));
        AtomicFile.write(file, out -> Files.copy(copied, out));
        return found;
      } finally {
        Files.deleteIfExists(copied);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " could not be written: " + e.getMessage(), e);
    }
  }
}
