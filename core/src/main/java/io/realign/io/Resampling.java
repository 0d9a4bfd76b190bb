package io.realign.io;

/**
 * Separable resampling with a triangle filter that widens when an image shrinks: bilinear for
 * enlarging, an area-weighted mean without aliasing for reducing.
 */
final class Resampling {

  private Resampling() {}

  static Pixels resize(Pixels image, int height, int width) {
    Taps columns = Taps.of(image.width(), width);
    Taps rows = Taps.of(image.height(), height);
    byte[] rgb = new byte[Math.multiplyExact(3, Math.multiplyExact(height, width))];
    float[] wide = new float[image.height() * width];
    for (int c = 0; c < 3; c++) {
      int plane = c * image.height() * image.width();
      for (int y = 0; y < image.height(); y++) {
        for (int x = 0; x < width; x++) {
          float sum = 0;
          for (int k = 0; k < columns.weights[x].length; k++) {
            int at = plane + y * image.width() + columns.first[x] + k;
            sum += columns.weights[x][k] * (image.rgb()[at] & 0xff);
          }
          wide[y * width + x] = sum;
        }
      }
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          float sum = 0;
          for (int k = 0; k < rows.weights[y].length; k++) {
            sum += rows.weights[y][k] * wide[(rows.first[y] + k) * width + x];
          }
          rgb[(c * height + y) * width + x] = (byte) Math.clamp(Math.round(sum), 0, 255);
        }
      }
    }
    return new Pixels(height, width, rgb);
  }

  /** For each target position the first source position and the weights from there on. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Taps(int[] first, float[][] weights) {

    static Taps of(int from, int to) {
      double scale = (double) from / to;
      double reach = Math.max(1, scale);
      int[] first = new int[to];
      float[][] weights = new float[to][];
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        first[i] = Math.max(0, (int) (centre - reach + 0.5));
        int end = Math.min(from, (int) (centre + reach + 0.5));
        double[] raw = new double[Math.max(1, end - first[i])];
        double sum = 0;
        for (int k = 0; k < raw.length; k++) {
          raw[k] = Math.max(0, 1 - Math.abs((first[i] + k + 0.5 - centre) / reach));
          sum += raw[k];
        }
        weights[i] = new float[raw.length];
        for (int k = 0; k < raw.length; k++) {
          weights[i][k] = (float) (raw[k] / sum);
        }
      }
      return new Taps(first, weights);
    }
  }
}
