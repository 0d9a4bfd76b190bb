package io.realign.serve;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** What the service counts, for Prometheus; docs/serve.md lists it. */
final class Metrics {

  /** Of the text that {@link #text} gives. */
  static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  /** The route of what is served nowhere. */
  static final String NO_ROUTE = "none";

  private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST");

  private static final double[] SECONDS = {
    .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30
  };
  private static final double[] IMAGES = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer =
      PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();
  private final Counter requests =
      Counter.builder()
          .name("realign_requests_total")
          .help("Requests answered.")
          .labelNames("method", "route", "status")
          .register(registry);
  private final Histogram answerSeconds =
      Histogram.builder()
          .name("realign_request_seconds")
          .help("From the end of a request's headers to the last byte of its answer.")
          .labelNames("route")
          .classicUpperBounds(SECONDS)
          .classicOnly()
          .register(registry);
  private final Histogram passImages =
      Histogram.builder()
          .name("realign_pass_images")
          .help("Images that went through a net together.")
          .labelNames("model", "kind")
          .classicUpperBounds(IMAGES)
          .classicOnly()
          .register(registry);
  private final Histogram passSeconds =
      Histogram.builder()
          .name("realign_pass_seconds")
          .help("Time of a pass through a net.")
          .labelNames("model", "kind")
          .classicUpperBounds(SECONDS)
          .classicOnly()
          .register(registry);

  Metrics() {
    JvmMetrics.builder().register(registry);
  }

  /** Counts an answer. */
  void answered(String method, String route, int status, double seconds) {
    count(method, route, status);
    answerSeconds.labelValues(route).observe(seconds);
  }

  /** Counts an answer to what was no request, or not in time. */
  void refused(String method, int status) {
    count(method, NO_ROUTE, status);
  }

  /** A client may send any word as a method, and each would be a series for ever. */
  private void count(String method, String route, int status) {
    String one = METHODS.contains(method) ? method : "other";
    requests.labelValues(one, route, Integer.toString(status)).inc();
  }

  /** Counts a pass through a net. */
  void pass(String model, String kind, int images, double seconds) {
    passImages.labelValues(model, kind).observe(images);
    passSeconds.labelValues(model, kind).observe(seconds);
  }

  /** Shows a value that is asked for when metrics are. */
  void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(callback -> callback.call(value.getAsDouble()))
        .register(registry);
  }

  /** All of it, in Prometheus' text format. */
  byte[] text() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      writer.write(text, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toByteArray();
  }
}
