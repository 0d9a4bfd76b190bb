package io.realign.serve;

import io.realign.io.InputException;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A service but for its models.
 *
 * @param host name or address to listen on
 * @param port to listen on; 0 for one that is free
 * @param token what requests must bring as {@code Authorization: Bearer}; empty for none
 * @param limits what it takes on at most
 * @param batching how images share a pass
 * @param playground whether it attacks images that are sent, and shows the page for that
 * @param healthPort of a second listener on the same host for health and metrics alone, which stays
 *     reachable while the first one has no connection left; 0 for one that is free
 */
public record ServiceConfig(
    String host,
    int port,
    Optional<String> token,
    Limits limits,
    Batching batching,
    boolean playground,
    OptionalInt healthPort) {

  private static final int SHORTEST_TOKEN = 16;
  private static final int LAST_PORT = 65535;

  /** Checks port and token. */
  public ServiceConfig {
    checkPort(port);
    healthPort.ifPresent(ServiceConfig::checkPort);
    if (port != 0 && healthPort.isPresent() && healthPort.getAsInt() == port) {
      throw new InputException("health has a port of its own, not " + port + " too");
    }
    token.ifPresent(ServiceConfig::checkToken);
  }

  /** Without a listener for health alone. */
  public ServiceConfig(
      String host,
      int port,
      Optional<String> token,
      Limits limits,
      Batching batching,
      boolean playground) {
    this(host, port, token, limits, batching, playground, OptionalInt.empty());
  }

  private static void checkPort(int port) {
    if (port < 0 || port > LAST_PORT) {
      throw new InputException("a port is 0 to %d, not %d".formatted(LAST_PORT, port));
    }
  }

  private static void checkToken(String token) {
    if (token.length() < SHORTEST_TOKEN || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new InputException(
          "the token needs %d or more printable ASCII characters without spaces"
              .formatted(SHORTEST_TOKEN));
    }
  }
}
