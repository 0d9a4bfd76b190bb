package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TargetNameTest {

  @Test
  void isWeightsBehindAnArchitecture() {
    TargetName name = new TargetName("deeplabv3-mobilenet-v2:129@nets/me@corp/w.safetensors");
    assertThat(name.isScript()).isFalse();
    assertThat(name.architecture()).isEqualTo("deeplabv3-mobilenet-v2:129");
    assertThat(name.file()).isEqualTo(Path.of("nets/me@corp/w.safetensors"));
  }

  @Test
  void isADescriptionInAFolderWithAnAt(@TempDir Path folder) throws IOException {
    Path yaml = Files.createDirectories(folder.resolve("me@corp")).resolve("model.yaml");
    Files.writeString(yaml, "file: model.pt");
    for (String text : new String[] {yaml.toString(), "me@corp/model.yml"}) {
      TargetName name = new TargetName(text);
      assertThat(name.isScript()).isTrue();
      assertThat(name.file()).isEqualTo(Path.of(text));
    }
    assertThat(new TargetName("me@corp/model.yaml").beside(folder.resolve("models.yaml")).file())
        .isEqualTo(yaml);
    assertThat(new TargetName(yaml.toString()).withoutFolder()).isEqualTo("model.yaml");
  }

  @Test
  void isAFileThatIsThereWhateverItIsCalled(@TempDir Path folder) throws IOException {
    Path yaml = folder.resolve("wrn-10-1@mine.yaml");
    Files.writeString(yaml, "file: model.pt");
    assertThat(new TargetName(yaml.toString()).isScript()).isTrue();
    assertThat(new TargetName("wrn-10-1@none.yaml").isScript()).isFalse();
  }

  @Test
  void isNothingElse() {
    assertThatThrownBy(() -> new TargetName("model.pt"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("'realign inspect model.pt' says which");
  }
}
