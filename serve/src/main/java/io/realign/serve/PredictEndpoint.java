package io.realign.serve;

import java.util.Set;

/** {@code POST …/predict}: an image in, what the model says of it out. */
final class PredictEndpoint implements Endpoint {

  private static final String DEFENDED = "defended";
  private static final String SCORE = "score";

  @Override
  public Answer answer(Exchange exchange) {
    exchange.only(Set.of(DEFENDED, SCORE));
    Predictor predictor =
        Predictor.of(
            exchange,
            exchange.model(),
            exchange.query(DEFENDED).map(PredictEndpoint::flag),
            exchange.query(SCORE).map(PredictEndpoint::number));
    byte[] body = exchange.body();
    exchange.takeImages(1);
    return Answer.json(predictor.predicted(body, "the body"));
  }

  private static boolean flag(String word) {
    return switch (word) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw Problem.of(
              HttpStatus.BAD_REQUEST, "%s is true or false, not '%s'".formatted(DEFENDED, word));
    };
  }

  private static double number(String word) {
    try {
      return Double.parseDouble(word);
    } catch (NumberFormatException e) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST, "%s is a number from 0 to 1, not '%s'".formatted(SCORE, word));
    }
  }
}
