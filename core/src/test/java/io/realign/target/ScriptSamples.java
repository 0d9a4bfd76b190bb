package io.realign.target;

/**
 * A TorchScript classifier with parameters {@code weight} and {@code last}, and its description.
 */
public final class ScriptSamples {

  public static final String CLASSIFIER =
      """
      def features(self, x):
          return torch.relu(torch.conv2d(x, self.weight, None, [2, 2], [1, 1])).mean([2, 3])
      def forward(self, x):
          return torch.matmul(self.features(x), self.last)
      """;

  public static final String PLAIN =
      """
      file: net.pt
      task: classification
      classes: [cat, dog, bird]
      imageSize: 16
      mean: [0.5, 0.4, 0.3]
      deviation: [0.2, 0.25, 0.3]
      """;

  private ScriptSamples() {}
}
