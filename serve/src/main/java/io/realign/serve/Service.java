package io.realign.serve;

import io.helidon.webserver.WebServer;
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

  private static final long LOOK_AGAIN_MILLIS = 20;

  private final House house;
  private final Front front;
  private final WebServer server;
  private final String host;
  private volatile boolean draining;

  private Service(ServiceConfig config, InetAddress address, House house, Consumer<Throwable> log) {
    this.house = house;
    this.host = config.host();
    this.front = new Front(house, address.isLoopbackAddress(), () -> draining, log);
    HttpRouting.Builder routes = HttpRouting.builder();
    front.serve(Routes.of(house, () -> draining), routes);
    Limits limits = config.limits();
    this.server =
        WebServer.builder()
            .bindAddress(new InetSocketAddress(address, config.port()))
            .shutdownHook(false)
            .maxTcpConnections(limits.connections())
            .idleConnectionTimeout(limits.requestTime())
            .idleConnectionPeriod(limits.requestTime().dividedBy(2))
            .protocolsDiscoverServices(false)
            .addProtocol(Http1Config.builder().addReceiveListener(listeners(house)).build())
            .contentEncoding(new AsSent())
            .directHandlers(Refusal.all(house.metrics()))
            .addRouting(routes)
            .build();
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
    InetAddress address = address(config.host());
    Consumer<Throwable> safe = safe(log);
    House house = new House(config, models, safe);
    try {
      Service service = new Service(config, address, house, safe);
      service.server.start();
      return service;
    } catch (UncheckedIOException e) {
      house.close();
      IOException cause = e.getCause();
      throw new InputException(
          "cannot listen on %s, port %d: %s"
              .formatted(config.host(), config.port(), (cause == null ? e : cause).getMessage()),
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

  /** Where it listens. */
  public String url() {
    String written = host.contains(":") ? "[" + host + "]" : host;
    return "http://%s:%d".formatted(written, server.port());
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
