package io.realign.serve;

import io.realign.io.InputException;
import java.util.Optional;

/**
 * A service but for its models.
 *
 * @param host name or address to listen on
 * @param port to listen on; 0 for one that is free
 * @param token what requests must bring as {@code Authorization: Bearer}; empty for none
 * @param limits what it takes on at most
 * @param batching how images share a pass
 * @param playground whether it attacks images that are sent, and shows the page for that
 */
public record ServiceConfig(
    String host,
    int port,
    Optional<String> token,
    Limits limits,
    Batching batching,
    boolean playground) {

  private static final int SHORTEST_TOKEN = 16;
  private static final int LAST_PORT = 65535;

  /** Checks port and token. */
  public ServiceConfig {
    if (port < 0 || port > LAST_PORT) {
      throw new InputException("a port is 0 to %d, not %d".formatted(LAST_PORT, port));
    }
    token.ifPresent(ServiceConfig::checkToken);
  }

  private static void checkToken(String token) {
    if (token.length() < SHORTEST_TOKEN || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new InputException(
          "the token needs %d or more printable ASCII characters without spaces"
              .formatted(SHORTEST_TOKEN));
    }
  }
}
