package io.realign.serve;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.realign.io.ImageEncoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST …/batch/purify} and {@code …/batch/predict}: several images in a JSON object,
 * answered in their order. An image that cannot be served has a problem in its place; the others
 * are served.
 */
final class BatchEndpoint implements Endpoint {

  /** Makes the answer to each image of a request. */
  private interface Task {

    /** What becomes of a request's images; checks what the request says. */
    Each of(Exchange exchange, Body body);
  }

  /** Answers one image. */
  private interface Each {
    Map<String, Object> of(byte[] file, String name);
  }

  /**
   * A request.
   *
   * @param images files in base64
   * @param defended as for a single image
   * @param score likewise
   */
  record Body(
      @JsonProperty("images") @Nullable List<byte @Nullable []> images,
      @JsonProperty("defended") @Nullable Boolean defended,
      @JsonProperty("score") @Nullable Double score) {}

  private final Task task;

  private BatchEndpoint(Task task) {
    this.task = task;
  }

  /** Repairs images; all become PNG. */
  static BatchEndpoint purify() {
    return new BatchEndpoint(
        (exchange, body) -> {
          if (body.defended() != null || body.score() != null) {
            throw Problem.of(HttpStatus.BAD_REQUEST, "defended and score are for predictions");
          }
          exchange.model().neededDefense();
          ImageRepair repair =
              new ImageRepair(
                  exchange, exchange.model(), true, new ImageEncoder(PurifyEndpoint.USUAL_QUALITY));
          return (file, name) -> {
            ImageRepair.Repaired repaired = repair.repaired(file, name);
            return Map.of("type", repaired.type(), "image", repaired.file());
          };
        });
  }

  /** Asks about images. */
  static BatchEndpoint predict() {
    return new BatchEndpoint(
        (exchange, body) ->
            Predictor.of(
                    exchange,
                    exchange.model(),
                    Optional.ofNullable(body.defended()),
                    Optional.ofNullable(body.score()))
                ::predicted);
  }

  @Override
  public Answer answer(Exchange exchange) {
    exchange.only(Set.of());
    exchange.model();
    Body body = exchange.json(Body.class);
    List<byte @Nullable []> images = body.images();
    if (images == null || images.isEmpty()) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "'images' is missing: a list of files in base64");
    }
    int most = exchange.house().limits().batchImages();
    if (images.size() > most) {
      throw Problem.of(
          HttpStatus.CONTENT_TOO_LARGE,
          "%d images, more than the %d allowed in a request".formatted(images.size(), most));
    }
    Each each = task.of(exchange, body);
    exchange.takeImages(images.size());
    return Answer.json(Map.of("results", results(each, images)));
  }

  private static List<Map<String, Object>> results(Each each, List<byte @Nullable []> images) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Map<String, Object>>> running = new ArrayList<>();
      for (int i = 0; i < images.size(); i++) {
        byte @Nullable [] file = images.get(i);
        String name = "image " + i;
        running.add(threads.submit(() -> result(each, file, name)));
      }
      List<Map<String, Object>> results = new ArrayList<>();
      for (Future<Map<String, Object>> result : running) {
        results.add(result.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled();
    } catch (ExecutionException e) {
      throw Cancelled.rethrown(e.getCause());
    }
  }

  private static Map<String, Object> result(Each each, byte @Nullable [] file, String name) {
    Map<String, Object> result = new LinkedHashMap<>();
    try {
      if (file == null) {
        throw Problem.of(HttpStatus.BAD_REQUEST, name + ": is null");
      }
      result.putAll(each.of(file, name));
    } catch (Problem problem) {
      result.put("problem", problem.body());
    }
    return result;
  }
}
