package io.realign.serve;

import io.realign.data.Framing;
import io.realign.io.ImageDecoder;
import io.realign.io.ImageFormat;
import io.realign.io.InputException;
import io.realign.io.Picture;
import io.realign.io.Pixels;
import io.realign.target.Target;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What the requests of a service share: models, threads, room and limits. */
final class House implements AutoCloseable {

  private static final int LONGEST_RETRY = 60;

  private final Map<String, ServedModel> models = new LinkedHashMap<>();
  private final ServiceConfig config;
  private final Metrics metrics = new Metrics();
  private final Batcher batcher;
  private final AttackQueue attacks;
  private final Codecs codecs;
  private final Deadlines deadlines;
  private final Connections connections = new Connections();
  private final Room images;
  private final Room memory;
  private final ImageDecoder decoder;

  /**
   * For models.
   *
   * @param log takes what went wrong on a thread that nobody waits for
   * @throws InputException if two models have one name
   */
  House(ServiceConfig config, List<ServedModel> served, Consumer<Throwable> log) {
    this.config = config;
    for (ServedModel model : served) {
      if (models.put(model.name(), model) != null) {
        throw new InputException("two models are named " + model.name());
      }
    }
    Limits limits = config.limits();
    batcher = new Batcher(config.batching(), metrics, log);
    attacks = new AttackQueue(batcher, limits.attacks(), config.batching().workers());
    codecs = new Codecs(Math.max(1, Runtime.getRuntime().availableProcessors()));
    deadlines = new Deadlines(limits.requestTime(), limits.answerTime(), metrics, log);
    images = new Room("images", limits.images(), this::retryAfter);
    memory = new Room("bytes of memory", Runtime.getRuntime().maxMemory() / 2, this::retryAfter);
    decoder = new ImageDecoder(limits.pixels(), limits.bodyBytes());
    metrics.gauge(
        "realign_images", "Images in the house: decoding, waiting, in a net.", images::taken);
    metrics.gauge("realign_images_waiting", "Images that wait for a net.", batcher::waiting);
    metrics.gauge("realign_attacks", "Attacks that wait or run.", attacks::taken);
    metrics.gauge(
        "realign_memory_bytes", "Heap that is set aside for requests and answers.", memory::taken);
  }

  /** By when those that are here now will have gone, in seconds. */
  private int retryAfter() {
    return (int) Math.clamp(Math.ceil(batcher.seconds(images.taken())), 1, LONGEST_RETRY);
  }

  /**
   * A model.
   *
   * @throws Problem 404 for one that is not served
   */
  ServedModel model(String name) {
    ServedModel model = models.get(name);
    if (model == null) {
      throw Problem.of(
          HttpStatus.NOT_FOUND,
          "no model '%s': one of %s".formatted(name, String.join(", ", models.keySet())));
    }
    return model;
  }

  List<ServedModel> models() {
    return List.copyOf(models.values());
  }

  ServiceConfig config() {
    return config;
  }

  Limits limits() {
    return config.limits();
  }

  Metrics metrics() {
    return metrics;
  }

  Batcher batcher() {
    return batcher;
  }

  AttackQueue attacks() {
    return attacks;
  }

  Codecs codecs() {
    return codecs;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  Connections connections() {
    return connections;
  }

  Room images() {
    return images;
  }

  Room memory() {
    return memory;
  }

  /**
   * The number of pixels that an image says it has.
   *
   * @param name what to call it in an error
   * @throws Problem 415 if it is no image, 422 if it is damaged, 413 if it is too large
   */
  long pixels(byte[] file, String name) {
    if (ImageFormat.of(Arrays.copyOf(file, Math.min(file.length, ImageFormat.HEAD))).isEmpty()) {
      throw Problem.of(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          name + ": not an image (expected PNG, JPEG, BMP, GIF, TIFF or WebP)");
    }
    return header(file, name).pixels();
  }

  private ImageDecoder.Header header(byte[] file, String name) {
    ImageDecoder.Header header;
    try {
      header = ImageDecoder.headerOfAnySize(file, name);
    } catch (InputException e) {
      throw Problem.of(HttpStatus.UNPROCESSABLE, String.valueOf(e.getMessage()));
    }
    Optional<String> refusal = decoder.refusal(header);
    if (refusal.isPresent()) {
      throw Problem.of(HttpStatus.CONTENT_TOO_LARGE, name + ": " + refusal.get());
    }
    return header;
  }

  /**
   * Decodes an image, for which there is room.
   *
   * @param name what to call it in an error
   * @throws Problem 422 if it is damaged or not a still one
   */
  Picture picture(byte[] file, String name) {
    try {
      return codecs.run(() -> decoder.picture(file, name));
    } catch (InputException e) {
      throw Problem.of(HttpStatus.UNPROCESSABLE, String.valueOf(e.getMessage()));
    }
  }

  /** A picture, the way up that it is shown, as a target sees it. */
  Framing framed(Picture picture, Target target) {
    Pixels stored = picture.stored();
    long side = target.imageSize();
    return codecs.around(
        Math.max((long) stored.height() * stored.width(), side * side),
        () -> Framing.of(picture.upright(), target.task().labelling(), target.imageSize()));
  }

  @Override
  public void close() {
    batcher.close();
    codecs.close();
    deadlines.close();
  }
}
