package io.realign.report;

import io.realign.evaluate.MaskingSign;
import java.util.List;

/** What a probe for gradient masking found, as part of a page and as text. */
public final class MaskingSection {

  private MaskingSection() {}

  /** A line for a terminal, and two more for each sign that is raised. */
  public static String text(List<MaskingSign> signs) {
    StringBuilder out = new StringBuilder(headline(signs)).append('\n');
    signs.stream()
        .filter(MaskingSign::raised)
        .forEach(
            sign ->
                out.append("  ")
                    .append(sign.kind().title())
                    .append(": ")
                    .append(sign.evidence())
                    .append("\n    ")
                    .append(sign.kind().meaning())
                    .append('\n'));
    return out.toString();
  }

  static String headline(List<MaskingSign> signs) {
    long raised = signs.stream().filter(MaskingSign::raised).count();
    return raised == 0
        ? "No sign of gradient masking (%d looked for).".formatted(signs.size())
        : "Signs of gradient masking, %d of %d: adaptive figures may be too high."
            .formatted(raised, signs.size());
  }

  static String html(List<MaskingSign> signs) {
    StringBuilder out = new StringBuilder(Page.paragraph("lead", headline(signs)));
    out.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Signs\">");
    out.append(
        "<table class=\"signs\"><thead><tr><th scope=\"col\">Sign</th><th scope=\"col\">Found</th>");
    out.append("<th scope=\"col\">Evidence</th><th scope=\"col\">Meaning if found</th>");
    out.append("</tr></thead><tbody>\n");
    for (MaskingSign sign : signs) {
      out.append(
          "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td></tr>\n"
              .formatted(
                  Text.html(sign.kind().title()),
                  sign.raised() ? "<strong>yes</strong>" : "no",
                  Text.html(sign.evidence()),
                  Text.html(sign.kind().meaning())));
    }
    return out.append("</tbody></table></div>\n").toString();
  }
}
