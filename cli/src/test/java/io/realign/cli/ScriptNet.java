package io.realign.cli;

import io.realign.torch.Scope;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;

/** A target in TorchScript, made without Python: seven classes by one convolution. */
final class ScriptNet {

  private ScriptNet() {}

  /** Writes {@code net.pt} and its description, {@code net.yaml}, which is returned. */
  static Path write(Path folder) throws IOException {
    try (Scope scope = Scope.open()) {
      JitModule module = new JitModule(new QualifiedName("net"));
      module.register_buffer("weight", Seed.of(1).uniform(-1, 1, 7, 3, 3, 3));
      module.define(
          """
          def forward(self, x):
              return torch.conv2d(x, self.weight, None, [2, 2]).mean([2, 3])
          """);
      module.save(folder.resolve("net.pt").toString());
    }
    return Files.writeString(
        folder.resolve("net.yaml"),
        """
        file: net.pt
        task: classification
        classes: [a, b, c, d, e, f, g]
        imageSize: 32
        mean: [0.5, 0.5, 0.5]
        deviation: [0.5, 0.5, 0.5]
        """);
  }
}
