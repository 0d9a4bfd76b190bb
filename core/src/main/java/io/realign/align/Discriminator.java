package io.realign.align;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Params;
import io.realign.torch.Compute;
import io.realign.torch.Convolutions;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * D: the multiscale patch discriminator of pix2pixHD (Wang et al., 2018, arXiv 1711.11585).
 *
 * <p>Each scale: conv4 stride 2 and leaky ReLU, then conv4, instance norm and leaky ReLU with
 * doubling channels, the last of them with stride 1, then conv4 to one prediction map. Between
 * scales the input is average-pooled.
 */
public final class Discriminator {

  private static final Init NORMAL = Init.normal(0.02);
  private static final int KERNEL = 4;
  private static final int PADDING = 2;
  private static final int MOST_CHANNELS = 512;

  private final Config config;
  private final Params params;
  private final List<List<Conv2d>> scales = new ArrayList<>();

  private Discriminator(Config config, Params params) {
    this.config = config;
    this.params = params;
    for (int scale = 0; scale < config.scales; scale++) {
      Params p = params.sub("scale").sub(scale);
      List<Conv2d> convs = new ArrayList<>();
      int in = 3 + config.conditions;
      int out = config.filters;
      for (int layer = 0; layer <= config.layers; layer++) {
        int stride = layer < config.layers ? 2 : 1;
        convs.add(Conv2d.of(p.sub(layer), in, out, KERNEL, stride, PADDING, NORMAL));
        in = out;
        out = Math.min(2 * out, MOST_CHANNELS);
      }
      convs.add(Conv2d.of(p.sub(config.layers + 1), in, 1, KERNEL, 1, PADDING, NORMAL));
      scales.add(convs);
    }
  }

  /** Its sizes. */
  public Config config() {
    return config;
  }

  /** Its weights. */
  public Params params() {
    return params;
  }

  /**
   * Looks at images.
   *
   * @param images {@code [N,3,H,W]} in [0,1]
   * @param labelMap one-hot, if D is conditional: {@code [N,K,H,W]}, or {@code [N,K,1,1]} where a
   *     label holds for a whole image
   */
  public Opinion forward(Tensor images, Optional<Tensor> labelMap) {
    Tensor x = Ops.affine(images, 2, -1);
    Optional<Tensor> ofImages = labelMap.filter(map -> map.size(2) == 1 && images.size(2) > 1);
    if (config.conditions > 0 && ofImages.isEmpty()) {
      x = torch.cat(new TensorVector(x, labelMap.orElseThrow()), 1); // [N,3+K,H,W]
    }
    x = Ops.channelsLast(x);
    List<List<Tensor>> features = new ArrayList<>();
    List<Tensor> predictions = new ArrayList<>();
    for (int scale = 0; scale < scales.size(); scale++) {
      if (scale > 0) {
        x = Ops.avgPool2d(x, 3, 2, 1, false);
      }
      List<Tensor> maps = new ArrayList<>();
      Tensor h = x;
      List<Conv2d> convs = scales.get(scale);
      for (int layer = 0; layer < convs.size() - 1; layer++) {
        Conv2d conv = convs.get(layer);
        h = layer == 0 && ofImages.isPresent() ? first(conv, h, ofImages.get()) : conv.forward(h);
        h = torch.leaky_relu(layer == 0 ? h : Ops.instanceNorm(h), new Scalar(.2));
        maps.add(h);
      }
      features.add(maps);
      predictions.add(convs.getLast().forward(h));
    }
    return new Opinion(predictions, features);
  }

  /**
   * The first convolution of images beside maps that are the same everywhere. A one-hot map that
   * covers its image adds the same plane to the output whatever the image shows, so the planes are
   * made once a class, and the convolution sees the three colours alone.
   *
   * @param x {@code [N,3,H,W]}
   * @param labels {@code [N,K,1,1]}
   */
  private Tensor first(Conv2d conv, Tensor x, Tensor labels) {
    Tensor weight = conv.weight(); // [F,3+K,4,4]
    long filters = weight.size(0);
    long classes = weight.size(1) - 3;
    Tensor ofColours = weight.narrow(1, 0, 3);
    Tensor y =
        Convolutions.conv2d(
            x, ofColours, conv.bias(), conv.stride(), conv.padding(), 1); // [N,F,h,w]
    Tensor kernels = // [K·F,1,4,4]
        weight.narrow(1, 3, classes).transpose(0, 1).reshape(classes * filters, 1, KERNEL, KERNEL);
    Tensor everywhere = torch.ones(new long[] {1, 1, x.size(2), x.size(3)}, x.options());
    Tensor planes =
        Convolutions.conv2d(everywhere, kernels, null, conv.stride(), conv.padding(), 1)
            .view(classes, filters, y.size(2), y.size(3))
            .permute(0, 2, 3, 1) // [K,h,w,F]: channels side by side, as y has them
            .reshape(classes, y.size(2) * y.size(3) * filters);
    Tensor added = labels.flatten(1, -1).mm(planes).view(-1, y.size(2), y.size(3), filters);
    return y.add(added.permute(0, 3, 1, 2));
  }

  /**
   * What D says about a batch.
   *
   * @param predictions one map a scale: towards 1 for real
   * @param features by scale, the maps before the prediction
   */
  public record Opinion(List<Tensor> predictions, List<List<Tensor>> features) {

    /** The part about images {@code from} … {@code from + count − 1}. */
    public Opinion narrow(long from, long count) {
      return new Opinion(
          predictions.stream().map(map -> map.narrow(0, from, count)).toList(),
          features.stream()
              .map(maps -> maps.stream().map(map -> map.narrow(0, from, count)).toList())
              .toList());
    }
  }

  /**
   * Sizes.
   *
   * @param filters channels of the first convolution
   * @param layers convolutions of stride 2
   * @param scales resolutions that are looked at
   * @param conditions K when D sees the one-hot label map beside the image, else 0
   */
  public record Config(int filters, int layers, int scales, int conditions) {

    /** Checks the sizes. */
    public Config {
      if (filters < 1 || layers < 1 || scales < 1 || conditions < 0) {
        throw new IllegalArgumentException(
            "discriminator of %d filters, %d layers, %d scales, %d conditions: all but the last must be positive"
                .formatted(filters, layers, scales, conditions));
      }
    }

    /** The published sizes: 64 filters, 3 layers, 2 scales. */
    public static Config published(int conditions) {
      return new Config(64, 3, 2, conditions);
    }

    /** A new discriminator with weights drawn from {@code seed}. */
    public Discriminator create(Seed seed, Compute compute) {
      return new Discriminator(this, Params.create(seed, compute));
    }
  }
}
