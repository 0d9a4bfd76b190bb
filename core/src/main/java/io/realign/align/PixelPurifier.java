package io.realign.align;

import io.realign.io.InputException;
import io.realign.io.Pixels;
import io.realign.torch.Compute;
import io.realign.torch.Ops;
import io.realign.torch.Scope;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Repairs images of any size in bounded memory; one object may serve several threads.
 *
 * <p>An image smaller than the generator takes is mirrored at its right and bottom, and cut back.
 * One whose sides are at most {@code tile} is repaired at once. A larger one is cut into tiles that
 * overlap and are blended:
 *
 * <ul>
 *   <li>{@link Sight.Near}: overlaps are so wide that only pixels count that no edge of a tile
 *       reaches. The result is that of the whole image.
 *   <li>{@link Sight.Far}: an eighth of a tile next to its edges does not count, the next eighth
 *       blends. There is no visible seam, but the result is not that of the whole image.
 *   <li>{@link Sight.Resized}: no tiles; only the small image that the generator asks for is a
 *       tensor.
 * </ul>
 *
 * <p>Beside the image and its result (3 bytes a pixel each) a call needs {@code 12·tile·min(H,W)}
 * bytes of heap, and native memory for one tile.
 */
public final class PixelPurifier {

  /** The tile of {@link #PixelPurifier(GeneratorPurifier, Compute)}, in pixels. */
  public static final int TILE = 512;

  private static final int BLEND = 16;

  private final GeneratorPurifier purifier;
  private final Compute compute;
  private final Sight sight;
  private final int tile;

  /** With tiles of {@link #TILE}, or as many more as the generator needs. */
  public PixelPurifier(GeneratorPurifier purifier, Compute compute) {
    this(purifier, compute, Math.max(TILE, leastTile(purifier.generator().sight())));
  }

  /**
   * With tiles of another size; smaller ones take less memory and more time.
   *
   * @param tile height and width in pixels, rounded down to what the generator needs
   * @throws InputException if they are too small for the generator
   */
  public PixelPurifier(GeneratorPurifier purifier, Compute compute, int tile) {
    this.purifier = purifier;
    this.compute = compute;
    this.sight = purifier.generator().sight();
    if (tile < leastTile(sight)) {
      throw new InputException(
          "tiles of %d pixels: %s needs at least %d"
              .formatted(tile, purifier.name(), leastTile(sight)));
    }
    this.tile = tile - tile % multiple();
  }

  /** The smallest tile whose blends on either side leave room for one another. */
  private static int leastTile(Sight sight) {
    return switch (sight) {
      case Sight.Near near -> roundedUp(4 * near.reach() + 2 * BLEND, near.multiple());
      case Sight.Far far -> Math.max(64, 16 * far.multiple());
      case Sight.Resized resized -> 1;
    };
  }

  private static int roundedUp(int size, int multiple) {
    return Math.ceilDiv(size, multiple) * multiple;
  }

  private int multiple() {
    return switch (sight) {
      case Sight.Near near -> near.multiple();
      case Sight.Far far -> far.multiple();
      case Sight.Resized resized -> 1;
    };
  }

  /** The repaired image. */
  public Pixels purify(Pixels image) {
    return purify(image, done -> {});
  }

  /**
   * The repaired image, of the same size.
   *
   * @param progress is told what part is done, up to 1; what it throws ends the work
   */
  public Pixels purify(Pixels image, DoubleConsumer progress) {
    return purify(image, this::repaired, progress);
  }

  /**
   * The same where something else runs the generator, such as a queue that repairs tiles of several
   * images at once. No tensor is touched on this thread.
   *
   * @param repair is given one tile after another
   */
  public Pixels purify(Pixels image, Repair repair, DoubleConsumer progress) {
    if (sight instanceof Sight.Resized resized) {
      return new OwnSize(resized.side()).apply(image, repair);
    }
    int margin = sight instanceof Sight.Near near ? near.reach() : tile / 8;
    int blend = sight instanceof Sight.Near ? BLEND : tile / 8;
    int height = Math.max(image.height(), sight.least());
    int width = Math.max(image.width(), sight.least());
    Axis rows = Axis.cut(height, tile, multiple(), margin, blend);
    Axis columns = Axis.cut(width, tile, multiple(), margin, blend);
    return new Mosaic(image, rows, columns).repaired(repair, progress);
  }

  /** {@code [3,h,w]} in [0,1] to the same. */
  private float[] repaired(float[] values, int height, int width) {
    try (Scope scope = Scope.open();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor dirty = compute.place(Ops.floats(values, 1, 3, height, width));
      return Ops.toFloats(Ops.clamp(purifier.purify(dirty), 0, 1));
    }
  }

  /** Runs the generator on one tile. */
  @FunctionalInterface
  public interface Repair {

    /**
     * The repaired values.
     *
     * @param values {@code [3,height,width]} in [0,1], in row-major order
     * @return as many, in [0,1]
     */
    float[] apply(float[] values, int height, int width);

    /**
     * Does a part of what is no net's work, and waits for it: cutting a tile out, putting one in.
     * It is done on this thread, unless an implementation has others for that; one part follows
     * another, and none waits for {@link #apply}.
     */
    default <T> T around(Supplier<T> part) {
      return part.get();
    }
  }
}
