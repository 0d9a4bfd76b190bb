package io.realign.serve;

import io.realign.data.Framing;
import io.realign.evaluate.Prediction;
import io.realign.io.Picture;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Asks a model about images of any size, and tells the answer.
 *
 * @param exchange the request
 * @param defended whether through its defense
 * @param leastScore of a box that is told, in [0,1]
 */
record Predictor(Exchange exchange, ServedModel model, boolean defended, double leastScore) {

  /** Of a box, where nothing is said. */
  static final double USUAL_SCORE = .3;

  /**
   * With what a request says.
   *
   * @param defended whether through the defense; where nothing is said, if there is one
   * @param leastScore of a box; {@link #USUAL_SCORE} where nothing is said
   * @throws Problem 422 if the model lacks what is asked for, 400 for a score out of range
   */
  static Predictor of(
      Exchange exchange,
      ServedModel model,
      Optional<Boolean> defended,
      Optional<Double> leastScore) {
    model.neededTarget();
    boolean through = defended.orElse(model.defense().isPresent());
    if (through) {
      model.neededDefense();
    }
    double least = leastScore.orElse(USUAL_SCORE);
    if (!(least >= 0 && least <= 1)) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "score is 0 to 1, not " + least);
    }
    return new Predictor(exchange, model, through, least);
  }

  /**
   * What it says of an image.
   *
   * @param name what to call it in an error
   */
  Map<String, Object> predicted(byte[] file, String name) {
    return exchange.decoded(file, name, this::predicted, PredictionView::heap);
  }

  private Map<String, Object> predicted(Picture picture) {
    House house = exchange.house();
    Framing framing = house.framed(picture, model.neededTarget());
    Prediction prediction = house.batcher().run(new Predict(model, defended), framing.square());
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("model", model.name());
    told.put("defended", defended);
    told.put("width", framing.width());
    told.put("height", framing.height());
    PredictionView view = new PredictionView(model, framing, leastScore);
    told.putAll(house.codecs().around(view.pixels(), () -> view.of(prediction)));
    return told;
  }
}
