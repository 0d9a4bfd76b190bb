package io.realign.serve;

/**
 * A file of the page, from the jar. The page loads nothing from elsewhere, and the browser is told
 * to see to that.
 */
final class Page {

  private static final String POLICY =
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private Page() {}

  /**
   * Serves a file.
   *
   * @param contentType of it
   */
  static Endpoint file(String name, String contentType) {
    Answer answer =
        Answer.bytes(contentType, Resource.bytes(name))
            .with("Content-Security-Policy", POLICY)
            .with("Referrer-Policy", "no-referrer");
    return exchange -> answer;
  }
}
