package io.realign.align;

import com.fasterxml.jackson.annotation.JacksonInject;
import io.realign.io.Yaml;
import io.realign.nn.Conv2d;
import io.realign.nn.Init;
import io.realign.nn.Layer;
import io.realign.nn.Params;
import io.realign.target.Normalisation;
import io.realign.target.ResidualTrunk;
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
 * A generator for two cores: a U-Net that predicts a bounded correction, x̂ = clamp(x +
 * range·tanh(net(x)), 0, 1).
 *
 * <p>Its encoder is a residual trunk of three resolutions with f, 2f and 4f channels, in the shape
 * of {@link io.realign.target.CifarResNet}; where the target is such a net the encoder starts from
 * a copy of the target's own convolutions, so it sees from the first step what the target sees.
 * Skips are added, not concatenated. There is no normalisation between layers: instance norm
 * forgets the contrast of the image that it must give back. It starts near the identity, so clean
 * images survive the first step.
 */
public final class CompactGenerator implements Generator {

  private static final int STAGES = Ladder.RESOLUTIONS;
  private static final double FIRST = .002;
  private static final int MULTIPLE = 1 << (STAGES - 1);

  private final Config config;
  private final Params params;
  private final Layer normalise;
  private final List<Conv2d> trunk = new ArrayList<>();
  private final Layer middle;
  private final Ladder ladder;
  private final BoundedCorrection correction;

  private CompactGenerator(Config config, Params params, Compute compute) {
    this.config = config;
    this.params = params;
    this.normalise = new Normalisation(config.mean, config.deviation).layer(compute);
    int f = config.filters;
    Params encoder = params.sub("trunk");
    int values = BoundedCorrection.values(config.patch);
    trunk.add(Conv2d.of(encoder.sub("stem"), values, f, 3, 1, 1, Init.heFanIn()));
    int in = f;
    for (int stage = 0; stage < STAGES; stage++) {
      int out = f << stage;
      for (int block = 0; block < config.trunkBlocks; block++) {
        Params p = encoder.sub(stage).sub(block);
        int stride = block == 0 && stage > 0 ? 2 : 1;
        trunk.add(Conv2d.of(p.sub("conv1"), in, out, 3, stride, 1, Init.heFanIn()));
        trunk.add(Conv2d.of(p.sub("conv2"), out, out, 3, 1, 1, PlainBlocks.last(out)));
        in = out;
      }
    }
    this.middle = PlainBlocks.of(params.sub("middle"), in, config.middleBlocks);
    this.ladder = new Ladder(params, f, config.decoderBlocks);
    this.correction = new BoundedCorrection(params, f, config.patch, config.range, FIRST);
  }

  @Override
  public Config config() {
    return config;
  }

  @Override
  public Params params() {
    return params;
  }

  /** Each 3×3 convolution at a resolution of 1/s sees s pixels further. */
  @Override
  public Sight sight() {
    int half = 2;
    int quarter = 4;
    int trunk =
        1 // the stem
            + 2 * config.trunkBlocks
            + 1 // the step to half of the resolution
            + half * (2 * config.trunkBlocks - 1)
            + half // the step to a quarter
            + quarter * (2 * config.trunkBlocks - 1);
    int way =
        quarter * 2 * config.middleBlocks
            + (quarter - half) // a place at half lies in a place at a quarter
            + half * 2 * config.decoderBlocks
            + (half - 1)
            + 2 * config.decoderBlocks
            + 1; // the head
    return new Sight.Near(config.patch * MULTIPLE, config.patch * (trunk + way + 1) - 1);
  }

  @Override
  public Tensor forward(Tensor images) {
    return Fit.padded(images, config.patch * MULTIPLE, this::repaired);
  }

  private Tensor repaired(Tensor images) {
    Tensor pixels = normalise.forward(images);
    Tensor places = // [N,3·patch²,H,W], H and W counted in places from here on
        Shapes.squaresToChannels(pixels, config.patch);
    List<Tensor> maps =
        encode(Ops.channelsLast(places)); // [N,f,H,W], [N,2f,H/2,W/2], [N,4f,H/4,W/4]
    return correction.of(images, ladder.climb(middle.forward(maps.getLast()), maps));
  }

  @Override
  public void startFrom(Target target) {
    if (target.trunk().orElse(null) instanceof ResidualTrunk theirs
        && config.patch == 1
        && theirs.width() == config.filters
        && theirs.blocksPerStage() == config.trunkBlocks) {
      copy(theirs);
    }
  }

  private void copy(ResidualTrunk source) {
    try (NoGradGuard guard = new NoGradGuard();
        Scope scope = Scope.open()) {
      for (int i = 0; i < trunk.size(); i++) {
        Conv2d from = source.convolutions().get(i);
        trunk.get(i).weight().copy_(from.weight());
        Tensor bias = from.bias();
        Tensor mine = trunk.get(i).bias();
        if (bias != null && mine != null) {
          mine.copy_(bias);
        }
      }
    }
  }

  /** The last map of each stage. */
  private List<Tensor> encode(Tensor x) {
    List<Tensor> maps = new ArrayList<>();
    Tensor h = Ops.reluInPlace(trunk.getFirst().forward(x));
    int conv = 1;
    for (int stage = 0; stage < STAGES; stage++) {
      for (int block = 0; block < config.trunkBlocks; block++) {
        Conv2d first = trunk.get(conv++);
        Conv2d second = trunk.get(conv++);
        Tensor y = second.forward(Ops.reluInPlace(first.forward(h)));
        h = Ops.reluInPlace(Ops.addInPlace(y, shortcut(h, first)));
      }
      maps.add(h);
    }
    return maps;
  }

  /** Option A of He et al. 2016: every second pixel, and zero channels on both sides. */
  private static Tensor shortcut(Tensor x, Conv2d first) {
    if (first.stride() == 1) {
      return x;
    }
    Tensor sparse = Ops.everyNth(x, first.stride());
    int added = Math.toIntExact(first.weight().size(0) - x.size(1));
    return Shapes.padChannels(sparse, added / 2, added - added / 2);
  }

  /**
   * Sizes. Images whose sides are no multiples of 4 are mirrored at the edges.
   *
   * @param patch side of the squares of pixels that are one place: 1 repairs pixel by pixel, more
   *     costs a patch²-th of it
   * @param filters f, channels at full resolution
   * @param trunkBlocks residual blocks a stage of the encoder
   * @param middleBlocks residual blocks at a quarter of the resolution
   * @param decoderBlocks residual blocks at half and at full resolution on the way up
   * @param range the largest correction of a pixel, in units of the [0,1] range
   * @param mean of each colour, taken off before the encoder
   * @param deviation of each colour, divided by before the encoder
   */
  public record Config(
      @JacksonInject(Yaml.ELSE_ONE) int patch,
      int filters,
      int trunkBlocks,
      int middleBlocks,
      int decoderBlocks,
      double range,
      List<Double> mean,
      List<Double> deviation)
      implements GeneratorConfig {

    /** Of single pixels. */
    public Config(
        int filters,
        int trunkBlocks,
        int middleBlocks,
        int decoderBlocks,
        double range,
        List<Double> mean,
        List<Double> deviation) {
      this(1, filters, trunkBlocks, middleBlocks, decoderBlocks, range, mean, deviation);
    }

    /** Checks the sizes. */
    public Config {
      if (patch < 1) {
        throw new IllegalArgumentException("a generator's patch must be positive, not " + patch);
      }
      Normalisation checked = new Normalisation(mean, deviation);
      mean = checked.mean();
      deviation = checked.deviation();
      if (filters < 1 || trunkBlocks < 1 || middleBlocks < 0 || decoderBlocks < 0) {
        throw new IllegalArgumentException(
            "generator of %d filters, %d trunk, %d middle and %d decoder blocks: the first two must be positive, the others not negative"
                .formatted(filters, trunkBlocks, middleBlocks, decoderBlocks));
      }
      BoundedCorrection.check(range);
    }

    @Override
    public CompactGenerator create(Seed seed, Compute compute) {
      return declare(Params.create(seed, compute), compute);
    }

    @Override
    public CompactGenerator declare(Params params, Compute compute) {
      return new CompactGenerator(this, params, compute);
    }
  }
}
