package io.realign.serve;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.realign.attack.Attack;
import io.realign.data.Framing;
import io.realign.io.Images;
import io.realign.io.Pixels;
import io.realign.target.Target;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST …/attack}: an image in, what an attack makes of it and what the model says then out;
 * all in the size that the target sees.
 */
final class AttackEndpoint implements Endpoint {

  private final Playground playground;

  AttackEndpoint(Playground playground) {
    this.playground = playground;
  }

  /**
   * A request; what is null has its usual value.
   *
   * @param image a file in base64
   * @param attack name; {@code pgd}
   * @param epsilon radius in L∞; 8/255
   * @param steps 10, or as many as are allowed
   * @param adaptive whether the attacker knows the defense; no
   * @param seed of draws; 0
   * @param images whether to answer with images and masks too; yes
   */
  record Body(
      @JsonProperty("image") byte @Nullable [] image,
      @JsonProperty("attack") @Nullable String attack,
      @JsonProperty("epsilon") @Nullable Double epsilon,
      @JsonProperty("steps") @Nullable Integer steps,
      @JsonProperty("adaptive") @Nullable Boolean adaptive,
      @JsonProperty("seed") @Nullable Long seed,
      @JsonProperty("images") @Nullable Boolean images) {}

  private static final double USUAL_EPSILON = 8 / 255.0;
  private static final int USUAL_STEPS = 10;

  /** Bytes for each pixel that the target sees: three images and four masks, and JSON of them. */
  private static final int HEAP_A_PIXEL = 64;

  /** What a request asks for; of its body nothing is kept. */
  private record Order(Attack attack, boolean adaptive, long seed, boolean images, Pixels square) {}

  @Override
  public Answer answer(Exchange exchange) {
    exchange.only(Set.of());
    ServedModel model = exchange.model();
    Target target = model.neededTarget();
    long memory = HEAP_A_PIXEL * (long) target.imageSize() * target.imageSize();
    Order order = order(exchange, model, memory);
    exchange.keepMemory(memory);
    House house = exchange.house();
    Assault assault =
        new Assault(model, order.attack(), order.adaptive(), order.seed(), exchange.departure());
    Assault.Outcome outcome = house.attacks().run(assault, order.square());
    return Answer.json(
        house.codecs().run(() -> told(assault, order.square(), outcome, order.images())));
  }

  private Order order(Exchange exchange, ServedModel model, long memory) {
    Target target = model.neededTarget();
    Body body = exchange.json(Body.class);
    byte[] file = body.image();
    if (file == null) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "'image' is missing: a file in base64");
    }
    Attack attack =
        playground.attack(
            Optional.ofNullable(body.attack()).orElse("pgd"),
            Optional.ofNullable(body.epsilon()).orElse(USUAL_EPSILON),
            Optional.ofNullable(body.steps()).orElseGet(() -> playground.atMost(USUAL_STEPS)),
            target.task());
    boolean adaptive = Boolean.TRUE.equals(body.adaptive());
    if (adaptive) {
      model.neededDefense();
    }
    exchange.takeAttack();
    exchange.takeImages(1);
    exchange.takeMemory(memory);
    return new Order(
        attack,
        adaptive,
        Optional.ofNullable(body.seed()).orElse(0L),
        !Boolean.FALSE.equals(body.images()),
        exchange.decoded(
            file,
            "the image",
            picture -> exchange.house().framed(picture, target).square(),
            square -> 0));
  }

  private static Map<String, Object> told(
      Assault assault, Pixels square, Assault.Outcome outcome, boolean images) {
    View view = new View(assault.of(), square, images);
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("attack", assault.attack().name());
    told.put("parameters", assault.attack().parameters());
    told.put("adaptive", assault.adaptive());
    told.put("size", square.width());
    told.put("linf", outcome.largest());
    told.put("l2", outcome.length());
    told.put("clean", view.of(square, outcome.before()));
    told.put("attacked", view.of(outcome.attacked(), outcome.after()));
    if (images) {
      outcome
          .repaired()
          .ifPresent(repaired -> told.put("repaired", Map.of("image", Images.pngBytes(repaired))));
    }
    return told;
  }

  /** How states of an image are told. */
  private record View(ServedModel model, Pixels square, boolean images) {

    Map<String, Object> of(Pixels image, Assault.Answers answers) {
      Map<String, Object> state = new LinkedHashMap<>();
      if (images) {
        state.put("image", Images.pngBytes(image));
      }
      state.put("bare", of(answers.bare()));
      answers.defended().ifPresent(judged -> state.put("defended", of(judged)));
      return state;
    }

    private Map<String, Object> of(Assault.Judged judged) {
      Framing framing =
          new Framing(
              model.neededTarget().task().labelling(), square.width(), square.height(), square);
      Map<String, Object> told = new LinkedHashMap<>();
      told.put("kept", judged.kept());
      judged.support().ifPresent(support -> told.put("support", support));
      told.putAll(
          new PredictionView(model, framing, Predictor.USUAL_SCORE).of(judged.prediction()));
      if (!images) {
        told.remove("mask");
      }
      return told;
    }
  }
}
