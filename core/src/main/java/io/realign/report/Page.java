package io.realign.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The frame of a page: one file, style inline, no script, nothing loaded from anywhere. */
final class Page {

  private static final String STYLE = "report.css";

  private Page() {}

  /**
   * A whole page.
   *
   * @param title plain text
   * @param overline plain text above the title
   * @param body HTML
   * @param footer plain text
   */
  static String of(String title, String overline, String body, String footer) {
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        <header>
        <p class="overline">%s</p>
        <h1>%s</h1>
        </header>
        %s
        <footer><p>%s</p></footer>
        </main>
        </body>
        </html>
        """
        .formatted(
            Text.html(title),
            style(),
            Text.html(overline),
            Text.html(title),
            body,
            Text.html(footer));
  }

  static String section(String id, String heading, String body) {
    return "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">%s</h2>\n%s\n</section>\n"
        .formatted(id, id, Text.html(heading), body);
  }

  static String paragraph(String style, String text) {
    return "<p class=\"%s\">%s</p>\n".formatted(style, Text.html(text).replace(" %", "\u00a0%"));
  }

  /** The words a reader needs for the table. */
  static String glossary() {
    return """
        <dl class="glossary">
        <div><dt>Oblivious</dt><dd>The attacker knows the target net but not the defense in front of it. This is the setting of the paper, and the easier one to defend.</dd></div>
        <div><dt>Adaptive</dt><dd>The attacker knows both and differentiates through them. A defense that holds here holds because of what it does, not because it is unknown.</dd></div>
        <div><dt>ε</dt><dd>The most that an attack may change: of any one colour value under L∞, of the image as a whole under L2, where colours run from 0 to 1. ε = 0.031 is 8 of 255 shades.</dd></div>
        <div><dt>95 % interval</dt><dd>For accuracy Wilson’s score interval from the number n of images scored; for mIoU and mAP the middle 95 % over 200 sets of as many images, drawn from them with replacement. It covers the choice of images alone, not that of seeds.</dd></div>
        <div><dt>x<sub>c</sub>, x<sub>a</sub>, x̂<sub>a</sub>, x̂<sub>c</sub></dt><dd>The clean image, the attacked one, and what the generator makes of the attacked and of the clean one.</dd></div>
        </dl>
        """;
  }

  private static String style() {
    try (InputStream in = Page.class.getResourceAsStream(STYLE)) {
      if (in == null) {
        throw new IllegalStateException(STYLE + " is missing from the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(STYLE + " could not be read", e);
    }
  }
}
