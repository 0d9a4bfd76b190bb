package io.realign.serve;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Keeps pages of other sites out, which a browser runs where the service can be reached.
 *
 * <p>A service on this machine that asks for no token trusts who reaches it. A page of elsewhere
 * reaches it under a name of its own that it has resolve to this machine (DNS rebinding), which
 * {@code Host} shows; and any page may post, though not read the answer, which browsers tell in
 * {@code Sec-Fetch-Site}, or in {@code Origin} where they do not send that.
 *
 * @param host that the service was told to listen on
 * @param local whether only names of this machine are let through as {@code Host}
 */
record CrossSite(String host, boolean local) {

  private static final Pattern PORT = Pattern.compile(":\\d*$");
  private static final Pattern THIS_MACHINE =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

  /**
   * Refuses what a page of another site sends.
   *
   * @throws Problem 421 for a {@code Host} that is not this machine, 403 for a post from another
   *     site
   */
  void check(Route.Method method, Exchange exchange) {
    String asked = exchange.header("host").orElse("").toLowerCase(Locale.ROOT);
    if (local && !isHere(PORT.matcher(asked).replaceFirst(""))) {
      throw Problem.of(
          HttpStatus.MISDIRECTED_REQUEST,
          "Host is '%s', not this machine: without a token it must be localhost, 127.0.0.1, [::1] or %s"
              .formatted(asked, host));
    }
    if (method == Route.Method.POST && isElsewhere(asked, exchange)) {
      throw Problem.of(HttpStatus.FORBIDDEN, "a page of another site may not post to this service");
    }
  }

  private boolean isHere(String name) {
    return THIS_MACHINE.matcher(name).matches()
        || name.equalsIgnoreCase(host.contains(":") ? "[" + host + "]" : host);
  }

  /** A browser that sends both has told the site by what was asked for, whatever proxies do. */
  private static boolean isElsewhere(String asked, Exchange exchange) {
    Optional<String> site = exchange.header("sec-fetch-site");
    if (site.isPresent()) {
      return !site.get().equals("same-origin") && !site.get().equals("none");
    }
    return exchange
        .header("origin")
        .map(
            origin -> !origin.toLowerCase(Locale.ROOT).replaceFirst("^https?://", "").equals(asked))
        .orElse(false);
  }
}
