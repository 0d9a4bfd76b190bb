package io.realign.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.realign.nn.StateDict;
import io.realign.torch.Compute;
import io.realign.torch.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * State dicts with the names and shapes that torchvision, timm and TRADES give them are read as the
 * net that they belong to; resources/target/make_names.py asked those libraries.
 */
class PublishedNamesTest {

  private static StateDict published(String net) throws IOException {
    StateDict published = new StateDict();
    try (InputStream in = PublishedNamesTest.class.getResourceAsStream("/target/names.json")) {
      JsonNode tensors = new ObjectMapper().readTree(Objects.requireNonNull(in)).required(net);
      tensors
          .properties()
          .forEach(
              tensor -> {
                long[] shape =
                    StreamSupport.stream(tensor.getValue().spliterator(), false)
                        .mapToLong(JsonNode::asLong)
                        .toArray();
                published.put(tensor.getKey(), torch.zeros(shape));
              });
    }
    return published;
  }

  @ParameterizedTest
  @CsvSource({
    "torchvision resnet18, resnet18, 7",
    "torchvision resnet50, resnet50, 7",
    "timm resnet18, resnet18, 7",
    "timm resnet50, resnet50, 7",
    "torchvision deeplabv3_resnet50, deeplabv3-resnet50-torchvision, 7",
    "torchvision ssd300_vgg16, ssd300-vgg16-torchvision, 7",
    "TRADES WideResNet-16-4, wrn-16-4, 7",
  })
  void areReadAsTheNetThatTheyBelongTo(String net, String architecture, int classes)
      throws IOException {
    try (Scope scope = Scope.open()) {
      StateDict published = published(net);
      assertThat(WeightFit.of(published, Map.of()))
          .filteredOn(WeightFit::fits)
          .extracting(fit -> fit.architecture().name())
          .contains(architecture);

      Target target =
          Targets.of(Architectures.of(architecture), published, Map.of(), net, Compute.CPU);
      assertThat(target.classes()).isEqualTo(classes);
    }
  }
}
