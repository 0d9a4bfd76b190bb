package io.realign.io;

/**
 * What an image file holds: colours and alpha as stored, and what says how to show them.
 *
 * <p>A net sees {@link #upright()}; {@link #with} puts what the net makes of it back into the
 * file's own layout.
 *
 * @param format of the file
 * @param stored the colours in the rows and columns of the file, whatever its alpha and orientation
 * @param alpha {@code height·width} unsigned bytes, 255 for opaque; empty if all of it is
 * @param grey whether the file stores one grey value a pixel; the three colours are equal then
 * @param bits of a sample in the file; {@code stored} has 8
 * @param orientation as EXIF counts it, 1 to 8
 * @param profile an ICC profile of the colours as stored; empty for none
 * @param colour chunks of a PNG that say what its colours mean but for the profile
 * @param inks whether the file stores inks (CMYK), from which {@code stored} was made
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Picture(
    ImageFormat format,
    Pixels stored,
    byte[] alpha,
    boolean grey,
    int bits,
    int orientation,
    byte[] profile,
    byte[] colour,
    boolean inks) {

  /**
   * Bytes of the heap for each pixel of an image that is repaired: stored and repaired colours,
   * alpha, and what decoder and encoder make on the way.
   */
  public static final int HEAP_A_PIXEL = 12;

  private static final int WHITE = 255;

  /** Checks the sizes. */
  public Picture {
    if (alpha.length != 0 && alpha.length != stored.height() * stored.width()) {
      throw new IllegalArgumentException(
          "alpha of %d bytes for %d×%d".formatted(alpha.length, stored.width(), stored.height()));
    }
    if (orientation < 1 || orientation > 8) {
      throw new IllegalArgumentException("an orientation is 1 to 8, not " + orientation);
    }
  }

  /** Whether a pixel may be transparent. */
  public boolean hasAlpha() {
    return alpha.length > 0;
  }

  /** As nets see it: the way up that it is shown, alpha composited on white. */
  public Pixels upright() {
    return Orientation.upright(onWhite(), orientation);
  }

  private Pixels onWhite() {
    if (!hasAlpha()) {
      return stored;
    }
    int plane = alpha.length;
    byte[] rgb = new byte[3 * plane];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) onWhite(stored.rgb()[i] & 0xff, alpha[i % plane] & 0xff);
    }
    return new Pixels(stored.height(), stored.width(), rgb);
  }

  private static int onWhite(int value, int alpha) {
    return (value * alpha + WHITE * (255 - alpha) + 127) / 255;
  }

  /**
   * The picture with other colours; alpha, orientation and profile stay.
   *
   * <p>Where it is translucent, the colour is chosen so that the composite on white is {@code
   * changed}, as far as there is such a colour; where it is transparent the colour stays. What is
   * grey stays grey: the mean of the three colours.
   *
   * @param changed in place of {@link #upright()}, of its size
   */
  public Picture with(Pixels changed) {
    boolean turned = orientation >= 5;
    if (changed.height() != (turned ? stored.width() : stored.height())
        || changed.width() != (turned ? stored.height() : stored.width())) {
      throw new IllegalArgumentException(
          "%d×%d pixels for a picture of %d×%d"
              .formatted(changed.width(), changed.height(), stored.width(), stored.height()));
    }
    Pixels back = Orientation.stored(changed, orientation);
    if (grey) {
      back = mean(back);
    }
    if (hasAlpha()) {
      back = beneath(back);
    }
    return new Picture(format, back, alpha, grey, bits, orientation, profile, colour, inks);
  }

  private static Pixels mean(Pixels image) {
    int plane = image.height() * image.width();
    byte[] rgb = new byte[3 * plane];
    for (int i = 0; i < plane; i++) {
      int sum = 0;
      for (int c = 0; c < 3; c++) {
        sum += image.rgb()[c * plane + i] & 0xff;
      }
      byte value = (byte) ((sum + 1) / 3);
      rgb[i] = value;
      rgb[plane + i] = value;
      rgb[2 * plane + i] = value;
    }
    return new Pixels(image.height(), image.width(), rgb);
  }

  /** Colours that give {@code composite} on white. */
  private Pixels beneath(Pixels composite) {
    int plane = alpha.length;
    byte[] rgb = new byte[3 * plane];
    for (int i = 0; i < rgb.length; i++) {
      int opacity = alpha[i % plane] & 0xff;
      int value = stored.rgb()[i] & 0xff;
      // c' = c + Δ·255/α: on any background the change that is seen is Δ
      int change = (composite.rgb()[i] & 0xff) - onWhite(value, opacity);
      rgb[i] =
          (byte)
              (opacity == 0
                  ? value
                  : Math.clamp(value + Math.round(change * 255f / opacity), 0, 255));
    }
    return new Pixels(stored.height(), stored.width(), rgb);
  }

  /** The same picture, stored the way up that it is shown. */
  public Picture turned() {
    return orientation == 1
        ? this
        : new Picture(
            format,
            Orientation.upright(stored, orientation),
            Orientation.upright(alpha, stored.height(), stored.width(), orientation),
            grey,
            bits,
            1,
            profile,
            colour,
            inks);
  }
}
