package io.realign.serve;

import io.realign.io.ImageEncoder;
import io.realign.io.InputException;
import java.util.Set;

/** {@code POST …/purify}: an image in, the repaired image out. */
final class PurifyEndpoint implements Endpoint {

  /** Of a JPEG, where nothing is said. */
  static final int USUAL_QUALITY = 95;

  private static final String FORMAT = "format";
  private static final String QUALITY = "quality";

  @Override
  public Answer answer(Exchange exchange) {
    exchange.only(Set.of(FORMAT, QUALITY));
    ImageRepair repair =
        new ImageRepair(
            exchange,
            exchange.model(),
            isPng(exchange.query(FORMAT).orElse("same")),
            exchange
                .query(QUALITY)
                .map(PurifyEndpoint::encoder)
                .orElseGet(() -> new ImageEncoder(USUAL_QUALITY)));
    byte[] body = exchange.body();
    exchange.takeImages(1);
    ImageRepair.Repaired repaired = repair.repaired(body, "the body");
    return Answer.bytes(repaired.type(), repaired.file());
  }

  private static boolean isPng(String format) {
    return switch (format) {
      case "same" -> false;
      case "png" -> true;
      default ->
          throw Problem.of(
              HttpStatus.BAD_REQUEST, "format is same or png, not '%s'".formatted(format));
    };
  }

  private static ImageEncoder encoder(String quality) {
    try {
      return new ImageEncoder(Integer.parseInt(quality));
    } catch (NumberFormatException e) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST, "quality is a number from 1 to 100, not '%s'".formatted(quality));
    } catch (InputException e) {
      throw Problem.of(HttpStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }
}
