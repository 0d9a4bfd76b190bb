package io.realign.align;

import com.fasterxml.jackson.annotation.JacksonInject;
import io.realign.io.Yaml;
import io.realign.nn.Conv2d;
import io.realign.nn.ConvTranspose2d;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import org.bytedeco.pytorch.Tensor;

/**
 * The paper's generator: the global generator of pix2pixHD (Wang et al., 2018, arXiv 1711.11585).
 *
 * <p>A 7×7 convolution, n halvings of the resolution that double the channels, nine residual
 * blocks, n doublings back, a 7×7 convolution and tanh. Works in [−1,1] inside. Instance norm has
 * no affine parameters.
 */
public final class GlobalGenerator implements Generator {

  private static final Init NORMAL = Init.normal(0.02);

  private final Config config;
  private final Params params;
  private final Layer net;

  private GlobalGenerator(Config config, Params params) {
    this.config = config;
    this.params = params;
    int filters = config.filters;
    Conv2d stem = Conv2d.of(params.sub("stem"), 3, filters, 7, 1, 0, NORMAL);
    Layer built = x -> Ops.relu(Ops.instanceNorm(stem.forward(Ops.reflectPad(x, 3)))); // [N,f,H,W]
    int channels = filters;
    for (int i = 0; i < config.downsamplings; i++) {
      Conv2d down = Conv2d.of(params.sub("down").sub(i), channels, 2 * channels, 3, 2, 1, NORMAL);
      built = built.then(x -> Ops.relu(Ops.instanceNorm(down.forward(x)))); // [N,2c,H/2,W/2]
      channels *= 2;
    }
    for (int i = 0; i < config.blocks; i++) {
      built = built.then(block(params.sub("block").sub(i), channels));
    }
    for (int i = 0; i < config.downsamplings; i++) {
      ConvTranspose2d up =
          ConvTranspose2d.of(params.sub("up").sub(i), channels, channels / 2, 3, 2, 1, 1, NORMAL);
      built = built.then(x -> Ops.relu(Ops.instanceNorm(up.forward(x)))); // [N,c/2,2H,2W]
      channels /= 2;
    }
    Conv2d head = Conv2d.of(params.sub("head"), filters, 3, 7, 1, 0, NORMAL);
    this.net = built.then(x -> Ops.tanh(head.forward(Ops.reflectPad(x, 3)))); // [N,3,H,W]
  }

  @Override
  public Config config() {
    return config;
  }

  @Override
  public Params params() {
    return params;
  }

  /** Instance norm takes its statistics from the whole image. */
  @Override
  public Sight sight() {
    return config.side > 0 ? new Sight.Resized(config.side) : new Sight.Far(config.multiple());
  }

  @Override
  public Tensor forward(Tensor images) {
    return config.side > 0
        ? Fit.resized(images, config.side, this::repaired)
        : Fit.padded(images, config.multiple(), this::repaired);
  }

  private Tensor repaired(Tensor images) {
    return Ops.affine(net.forward(Ops.affine(images, 2, -1)), .5, .5);
  }

  private static Layer block(Params p, int channels) {
    Conv2d first = Conv2d.of(p.sub("conv1"), channels, channels, 3, 1, 0, NORMAL);
    Conv2d second = Conv2d.of(p.sub("conv2"), channels, channels, 3, 1, 0, NORMAL);
    return x -> {
      Tensor h = Ops.relu(Ops.instanceNorm(first.forward(Ops.reflectPad(x, 1))));
      return Ops.add(x, Ops.instanceNorm(second.forward(Ops.reflectPad(h, 1))));
    };
  }

  /**
   * Sizes.
   *
   * @param filters channels at full resolution
   * @param downsamplings n
   * @param blocks residual blocks at the lowest resolution
   * @param side to which images are resized, and back; 0 takes them as they are, mirrored at the
   *     edges to a multiple of 2ⁿ
   */
  public record Config(
      int filters, int downsamplings, int blocks, @JacksonInject(Yaml.ELSE_ZERO) int side)
      implements GeneratorConfig {

    /** Checks the sizes. */
    public Config {
      if (filters < 1 || downsamplings < 0 || downsamplings > 6 || blocks < 0 || side < 0) {
        throw new IllegalArgumentException(
            "generator of %d filters, %d downsamplings, %d blocks, side %d: filters must be positive, downsamplings 0..6, blocks and side not negative"
                .formatted(filters, downsamplings, blocks, side));
      }
      if (side % (1 << downsamplings) != 0) {
        throw new IllegalArgumentException(
            "a generator's side of %d is no multiple of %d".formatted(side, 1 << downsamplings));
      }
    }

    /** Takes images as they are. */
    public Config(int filters, int downsamplings, int blocks) {
      this(filters, downsamplings, blocks, 0);
    }

    /** The published sizes for images as they are. */
    public static Config published(int imageSize) {
      return published(imageSize, 0);
    }

    /**
     * The published sizes: 64 filters, 9 blocks; n = 2 for 32² and 64² images, n = 4 for larger
     * ones.
     *
     * @param side to which images are resized; 0 for none
     */
    public static Config published(int imageSize, int side) {
      return new Config(64, imageSize <= 64 ? 2 : 4, 9, side);
    }

    private int multiple() {
      return 1 << downsamplings;
    }

    @Override
    public GlobalGenerator create(Seed seed, Compute compute) {
      return declare(Params.create(seed, compute), compute);
    }

    @Override
    public GlobalGenerator declare(Params params, Compute compute) {
      return new GlobalGenerator(this, params);
    }
  }
}
