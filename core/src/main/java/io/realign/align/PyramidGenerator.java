package io.realign.align;

import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.nn.StateDict;
import io.realign.target.Normalisation;
import io.realign.target.Pyramid;
import io.realign.target.PyramidTrunk;
import io.realign.target.Target;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import io.realign.torch.Seed;
import io.realign.torch.Shapes;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * A generator for two cores in front of a net whose body halves the image at once: a U-Net that
 * predicts a bounded correction, x̂ = clamp(x + range·tanh(net(x)), 0, 1).
 *
 * <p>Its encoder is a copy of the target's body ({@link PyramidTrunk}), so it sees from the first
 * step what the target sees. The decoder goes up from the coarsest map with f channels at half of
 * the resolution, 2f at a quarter, 4f at an eighth; each map of the encoder is added through a 1×1
 * convolution, and at half of the resolution the squares of 2² pixels themselves. As in {@link
 * CompactGenerator} there is no normalisation, and it starts near the identity.
 */
public final class PyramidGenerator implements Generator {

  private static final int PATCH = 2;
  private static final int COARSEST = Ladder.RESOLUTIONS - 1; // coarser maps are brought up at once
  private static final double FIRST = 1e-4; // the decoder's channels start large
  private static final int STRIDE = 16; // pixels a place of the last map

  private final Config config;
  private final Params params;
  private final Layer normalise;
  private final Pyramid encoder;
  private final Conv2d pixels;
  private final List<Conv2d> lateral = new ArrayList<>();
  private final Layer coarsest;
  private final Ladder ladder;
  private final BoundedCorrection correction;

  private PyramidGenerator(Config config, Params params, Compute compute) {
    this.config = config;
    this.params = params;
    this.normalise = new Normalisation(config.mean, config.deviation).layer(compute);
    this.encoder = config.encoder.declare(params.sub("trunk"));
    int f = config.filters;
    this.pixels =
        Conv2d.of(
            params.sub("pixels"), BoundedCorrection.values(PATCH), f, 3, 1, 1, Init.heFanIn());
    List<Integer> channels = encoder.channels();
    for (int i = 0; i < channels.size(); i++) {
      int out = f << Math.min(i, COARSEST);
      Params p = params.sub("lateral").sub(i);
      lateral.add(Conv2d.of(p, channels.get(i), out, 1, 1, 0, Init.heFanIn()));
    }
    this.ladder = new Ladder(params, f, config.blocks);
    this.coarsest =
        PlainBlocks.of(params.sub("decoder").sub(COARSEST), f << COARSEST, config.blocks);
    this.correction = new BoundedCorrection(params, f, PATCH, config.range, FIRST);
  }

  @Override
  public Config config() {
    return config;
  }

  @Override
  public Params params() {
    return params;
  }

  /**
   * Its encoders see some hundreds of pixels far, and pad an image of odd sides otherwise than one
   * of even sides.
   */
  @Override
  public Sight sight() {
    return new Sight.Far(STRIDE);
  }

  @Override
  public Tensor forward(Tensor images) {
    return Fit.padded(images, PATCH, this::repaired);
  }

  private Tensor repaired(Tensor images) {
    Tensor x = normalise.forward(images);
    List<Tensor> maps = encoder.maps(x); // [N,c,H/2,W/2], [N,c,H/4,W/4], [N,c,H/8,W/8], …
    Tensor h = lateral.get(COARSEST).forward(maps.get(COARSEST)); // [N,4f,H/8,W/8]
    for (int i = COARSEST + 1; i < maps.size(); i++) {
      Tensor coarse = lateral.get(i).forward(maps.get(i));
      h = Ops.add(h, Ops.resizeLike(coarse, h));
    }
    List<Tensor> skips = new ArrayList<>();
    for (int i = 0; i < COARSEST; i++) {
      skips.add(lateral.get(i).forward(maps.get(i)));
    }
    Tensor places = Ops.channelsLast(Shapes.squaresToChannels(x, PATCH)); // [N,12,H/2,W/2]
    skips.set(0, Ops.add(skips.getFirst(), Ops.reluInPlace(pixels.forward(places))));
    return correction.of(images, ladder.climb(coarsest.forward(h), skips));
  }

  /** The encoder becomes a copy of the body of a target that has one of its kind. */
  @Override
  public void startFrom(Target target) {
    if (target.trunk().orElse(null) instanceof PyramidTrunk body && body.kind() == config.encoder) {
      copy(body.weights());
    }
  }

  private void copy(StateDict weights) {
    try (NoGradGuard guard = new NoGradGuard();
        Scope scope = Scope.open()) {
      params.dict().entries().stream()
          .filter(entry -> entry.getKey().startsWith(TRUNK))
          .forEach(
              entry ->
                  entry.getValue().copy_(weights.get(entry.getKey().substring(TRUNK.length()))));
    }
  }

  /**
   * Sizes.
   *
   * @param encoder whose body the encoder copies
   * @param filters f, channels at half of the resolution
   * @param blocks residual blocks at each resolution on the way up
   * @param range the largest correction of a pixel, in units of the [0,1] range
   * @param mean of each colour, taken off before the encoder
   * @param deviation of each colour, divided by before the encoder
   */
  public record Config(
      PyramidTrunk.Kind encoder,
      int filters,
      int blocks,
      double range,
      List<Double> mean,
      List<Double> deviation)
      implements GeneratorConfig {

    /** Checks the sizes. */
    public Config {
      Normalisation checked = new Normalisation(mean, deviation);
      mean = checked.mean();
      deviation = checked.deviation();
      if (filters < 1 || blocks < 0) {
        throw new IllegalArgumentException(
            "generator of %d filters and %d blocks: there must be a filter, and no fewer blocks than none"
                .formatted(filters, blocks));
      }
      BoundedCorrection.check(range);
    }

    @Override
    public PyramidGenerator create(Seed seed, Compute compute) {
      return declare(Params.create(seed, compute), compute);
    }

    @Override
    public PyramidGenerator declare(Params params, Compute compute) {
      return new PyramidGenerator(this, params, compute);
    }
  }
}
