package io.realign.align;

import io.realign.nn.Conv2d;
import io.realign.nn.ConvTranspose2d;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Seed;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A generator for two cores: a small U-Net that predicts a bounded correction.
 *
 * <p>x̂ = clamp(x + range·tanh(net(2x − 1)), 0, 1). Three resolutions with f, 2f and 4f channels
 * and additive skips; residual blocks without normalisation, because instance norm forgets the
 * contrast of the image that it must give back. It starts near the identity, so clean images
 * survive the first step.
 */
public final class CompactGenerator implements Generator {

  private static final int LEVELS = 2;

  private final Config config;
  private final Params params;
  private final Conv2d stem;
  private final List<Layer> encoder = new ArrayList<>();
  private final List<Layer> down = new ArrayList<>();
  private final Layer middle;
  private final List<Layer> up = new ArrayList<>();
  private final List<Layer> decoder = new ArrayList<>();
  private final Conv2d head;

  private CompactGenerator(Config config, Params params) {
    this.config = config;
    this.params = params;
    int f = config.filters;
    this.stem = Conv2d.of(params.sub("stem"), 3, f, 3, 1, 1, Init.heFanIn());
    for (int level = 0; level < LEVELS; level++) {
      int channels = f << level;
      encoder.add(blocks(params.sub("encoder").sub(level), channels, config.outerBlocks));
      down.add(
          Conv2d.of(
              params.sub("down").sub(level), channels, 2 * channels, 3, 2, 1, Init.heFanIn()));
      up.add(
          ConvTranspose2d.of(
              params.sub("up").sub(level),
              2 * channels,
              channels,
              2,
              2,
              0,
              0,
              Init.normal(Math.sqrt(1.0 / (2 * channels)))));
      decoder.add(blocks(params.sub("decoder").sub(level), channels, config.outerBlocks));
    }
    this.middle = blocks(params.sub("middle"), f << LEVELS, config.middleBlocks);
    this.head = Conv2d.of(params.sub("head"), f, 3, 3, 1, 1, Init.normal(.002));
  }

  @Override
  public Config config() {
    return config;
  }

  @Override
  public Params params() {
    return params;
  }

  @Override
  public Tensor forward(Tensor images) {
    Tensor h = stem.forward(Ops.affine(images, 2, -1)).relu(); // [N,f,H,W]
    List<Tensor> skips = new ArrayList<>();
    for (int level = 0; level < LEVELS; level++) {
      h = encoder.get(level).forward(h);
      skips.add(h);
      h = down.get(level).forward(h).relu(); // [N,2c,H/2,W/2]
    }
    h = middle.forward(h); // [N,4f,H/4,W/4]
    for (int level = LEVELS - 1; level >= 0; level--) {
      h = up.get(level).forward(h).add(skips.get(level)); // [N,c,2H,2W]
      h = decoder.get(level).forward(h);
    }
    Tensor correction = Ops.scale(head.forward(h).tanh(), config.range); // [N,3,H,W]
    return Ops.clamp(images.add(correction), 0, 1);
  }

  private static Layer blocks(Params p, int channels, int count) {
    Layer built = x -> x;
    for (int i = 0; i < count; i++) {
      built = built.then(block(p.sub(i), channels));
    }
    return built;
  }

  /** x + conv(relu(conv(x))); the second convolution starts at a tenth of its usual size. */
  private static Layer block(Params p, int channels) {
    Conv2d first = Conv2d.of(p.sub("conv1"), channels, channels, 3, 1, 1, Init.heFanIn());
    Init small = Init.normal(.1 * Math.sqrt(2.0 / (9 * channels)));
    Conv2d second = Conv2d.of(p.sub("conv2"), channels, channels, 3, 1, 1, small);
    return x -> x.add(second.forward(first.forward(x).relu()));
  }

  /**
   * Sizes. Image sides must be multiples of 4.
   *
   * @param filters f, channels at full resolution
   * @param outerBlocks residual blocks at full and at half resolution, on the way down and again on
   *     the way up
   * @param middleBlocks residual blocks at a quarter of the resolution
   * @param range the largest correction of a pixel, in units of the [0,1] range
   */
  public record Config(int filters, int outerBlocks, int middleBlocks, double range)
      implements GeneratorConfig {

    /** Checks the sizes. */
    public Config {
      if (filters < 1 || outerBlocks < 0 || middleBlocks < 0 || !(range > 0 && range <= 1)) {
        throw new IllegalArgumentException(
            "generator of %d filters, %d and %d blocks, range %s: filters must be positive, blocks not negative, range in (0,1]"
                .formatted(filters, outerBlocks, middleBlocks, range));
      }
    }

    @Override
    public CompactGenerator create(Seed seed, Compute compute) {
      return new CompactGenerator(this, Params.create(seed, compute));
    }
  }
}
