package io.realign.djl;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.realign.align.PixelPurifier;
import io.realign.io.Pixels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Repairs each image before another translator makes a model's input of it.
 *
 * <p>Images may have any size, in a batch each its own, and keep it; the image that is given is not
 * changed. Alpha is left out, as {@link Image#toNDArray(NDManager)} does. Each image is repaired as
 * by {@link PixelPurifier}, on the thread that predicts.
 *
 * <p>It may be shared by threads and predictors if the other translator may. It holds nothing to be
 * closed: the purifier's native memory lasts as long as the purifier.
 *
 * <p>The model may run in any engine but DJL's PyTorch, which brings a libtorch of its own.
 *
 * @param <O> what the model's answer becomes
 */
public final class PurifyingTranslator<O> implements Translator<Image, O> {

  private final Translator<Image, O> translator;
  private final PixelPurifier purifier;

  /**
   * Puts a purifier in front of a translator.
   *
   * @param translator the model's own
   * @param purifier what repairs the images
   */
  public PurifyingTranslator(Translator<Image, O> translator, PixelPurifier purifier) {
    this.translator = translator;
    this.purifier = purifier;
  }

  @Override
  public void prepare(TranslatorContext context) throws Exception {
    translator.prepare(context);
  }

  @Override
  public @Nullable Batchifier getBatchifier() {
    return translator.getBatchifier();
  }

  @Override
  public NDList processInput(TranslatorContext context, Image image) throws Exception {
    return translator.processInput(context, repaired(context, image));
  }

  @Override
  public NDList batchProcessInput(TranslatorContext context, List<Image> images) throws Exception {
    List<Image> repaired = new ArrayList<>(images.size());
    for (Image image : images) {
      repaired.add(repaired(context, image));
    }
    return translator.batchProcessInput(context, repaired);
  }

  @Override
  public O processOutput(TranslatorContext context, NDList outputs) throws Exception {
    return translator.processOutput(context, outputs);
  }

  @Override
  public List<O> batchProcessOutput(TranslatorContext context, NDList outputs) throws Exception {
    return translator.batchProcessOutput(context, outputs);
  }

  private Image repaired(TranslatorContext context, Image image) {
    return image(purifier.purify(pixels(image, context.getNDManager())));
  }

  private static Pixels pixels(Image image, NDManager manager) {
    try (NDArray values = image.toNDArray(manager, Image.Flag.COLOR)) { // [H,W,3] of 0 to 255
      int[] interleaved = values.toUint8Array();
      byte[] planar = new byte[interleaved.length];
      int plane = planar.length / 3;
      for (int i = 0; i < planar.length; i++) {
        planar[i % 3 * plane + i / 3] = (byte) interleaved[i];
      }
      return new Pixels(image.getHeight(), image.getWidth(), planar);
    }
  }

  private static Image image(Pixels pixels) {
    int plane = pixels.height() * pixels.width();
    byte[] rgb = pixels.rgb();
    int[] argb = new int[plane];
    for (int i = 0; i < plane; i++) {
      argb[i] =
          0xff << 24
              | (rgb[i] & 0xff) << 16
              | (rgb[plane + i] & 0xff) << 8
              | rgb[2 * plane + i] & 0xff;
    }
    return ImageFactory.getInstance().fromPixels(argb, pixels.width(), pixels.height());
  }
}
