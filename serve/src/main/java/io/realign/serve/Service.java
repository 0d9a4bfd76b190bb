package io.realign.serve;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.realign.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Models behind HTTP.
 *
 * <pre>{@code
 * try (Service service = Service.start(config, List.of(model), Throwable::printStackTrace)) {
 *   System.out.println(service.url());
 *   ...
 *   service.drain(Duration.ofSeconds(30));
 * }
 * }</pre>
 */
public final class Service implements AutoCloseable {

  /** Kept: a logger that nobody holds loses its level. */
  private static final Logger LIBRARY = Logger.getLogger("io.helidon");

  /** Kept likewise: it writes a stack trace for each request that is none. */
  private static final Logger CONNECTIONS =
      Logger.getLogger("io.helidon.webserver.http1.Http1Connection");

  /** Kept likewise: it writes a stack trace for a listener of two that cannot start. */
  private static final Logger STARTING = Logger.getLogger("io.helidon.webserver.LoomServer");

  private static final long LOOK_AGAIN_MILLIS = 20;
  private static final String HEALTH = "health";
  private static final int HEALTH_CONNECTIONS = 64;

  private final House house;
  private final Front front;
  private final WebServer server;
  private final String host;
  private volatile boolean draining;

  private Service(ServiceConfig config, InetAddress address, House house, Consumer<Throwable> log) {
    this.house = house;
    this.host = config.host();
    this.front = new Front(house, address.isLoopbackAddress(), () -> draining, log);
    WebServerConfig.Builder all = WebServer.builder().shutdownHook(false);
    listen(all, address, config.port(), Routes.of(house, () -> draining))
        .maxTcpConnections(config.limits().connections());
    config
        .healthPort()
        .ifPresent(
            port -> {
              ListenerConfig.Builder health = ListenerConfig.builder();
              listen(health, address, port, Routes.health(house, () -> draining))
                  .maxTcpConnections(HEALTH_CONNECTIONS);
              all.putSocket(HEALTH, health.build());
            });
    this.server = all.build();
  }

  private <B extends ListenerConfig.BuilderBase<B, ?>> B listen(
      B listener, InetAddress address, int port, List<Route> served) {
    HttpRouting.Builder routes = HttpRouting.builder();
    front.serve(served, routes);
    Duration patience = house.limits().requestTime();
    return listener
        .bindAddress(new InetSocketAddress(address, port))
        .idleConnectionTimeout(patience)
        .idleConnectionPeriod(patience.dividedBy(2))
        .protocolsDiscoverServices(false)
        .addProtocol(Http1Config.builder().addReceiveListener(listeners(house)).build())
        .contentEncoding(new AsSent())
        .directHandlers(Refusal.all(house.metrics()))
        .addRouting(routes);
  }

  private static Http1ConnectionListener listeners(House house) {
    return new Listeners(List.of(house.deadlines(), house.connections()));
  }

  /**
   * Starts a service; it takes requests when this returns.
   *
   * @param log takes what went wrong inside, with the stack trace
   * @throws InputException if the address cannot be listened on, or two models have one name
   */
  public static Service start(
      ServiceConfig config, List<ServedModel> models, Consumer<Throwable> log) {
    LIBRARY.setLevel(Level.WARNING);
    CONNECTIONS.setLevel(Level.SEVERE);
    STARTING.setLevel(Level.OFF);
    InetAddress address = address(config.host());
    Consumer<Throwable> safe = safe(log);
    House house = new House(config, models, safe);
    try {
      Service service = new Service(config, address, house, safe);
      service.server.start();
      if (!service.server
          .isRunning()) { // of two listeners one failed, which is thrown of one alone
        throw new UncheckedIOException(new IOException("one is taken, or not for this user"));
      }
      return service;
    } catch (UncheckedIOException e) {
      house.close();
      IOException cause = e.getCause();
      throw new InputException(
          "cannot listen on %s, port %s: %s"
              .formatted(config.host(), ports(config), (cause == null ? e : cause).getMessage()),
          e);
    } catch (RuntimeException | Error e) {
      house.close();
      throw e;
    }
  }

  /** Threads that must go on tell what went wrong: that may not fail in its turn. */
  private static Consumer<Throwable> safe(Consumer<Throwable> log) {
    return failure -> {
      try {
        log.accept(failure);
      } catch (RuntimeException | Error e) {
        // there is nobody left to tell
      }
    };
  }

  private static InetAddress address(String host) {
    try {
      return InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new InputException("no host is named " + host, e);
    }
  }

  private static String ports(ServiceConfig config) {
    return config.port()
        + (config.healthPort().isPresent() ? " or " + config.healthPort().getAsInt() : "");
  }

  /** Where it listens. */
  public String url() {
    return url(server.port());
  }

  /** Where it listens for health and metrics alone; empty without a port for them. */
  public Optional<String> healthUrl() {
    return house.config().healthPort().isPresent()
        ? Optional.of(url(server.port(HEALTH)))
        : Optional.empty();
  }

  private String url(int port) {
    return "http://%s:%d".formatted(host.contains(":") ? "[" + host + "]" : host, port);
  }

  /**
   * Shuts down in an orderly way: readiness ends, new requests get 503, and those that are being
   * served are finished.
   *
   * @param limit the longest that this waits for them
   * @return whether all were finished
   */
  public boolean drain(Duration limit) {
    draining = true;
    long until = System.nanoTime() + limit.toNanos();
    while (front.inside() > 0 && System.nanoTime() - until < 0) {
      try {
        Thread.sleep(LOOK_AGAIN_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    return front.inside() == 0;
  }

  /** Closes all connections and ends the threads. */
  @Override
  public void close() {
    draining = true;
    server.stop();
    house.close();
  }
}
