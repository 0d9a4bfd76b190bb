package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import java.util.Optional;

/** The table of results in HTML. */
final class ResultsSection {

  private ResultsSection() {}

  static String html(ResultMatrix matrix) {
    int threats = matrix.threats().size();
    StringBuilder out = new StringBuilder();
    out.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Results\">");
    out.append(
        "<table class=\"results\"><caption>%s in per cent, with the 95 %% interval below it"
            .formatted(Text.capital(matrix.metric())));
    boolean randomised =
        matrix.rows().stream()
            .flatMap(row -> row.cells().values().stream())
            .anyMatch(result -> result.draws() != null);
    if (randomised) {
      out.append(". The defense is randomised: an image counts where it is right in every draw;");
      out.append(" below, where it is in more than half");
    }
    out.append(".</caption>\n<thead>\n<tr><th scope=\"col\" rowspan=\"2\">Defense</th>");
    out.append("<th scope=\"col\" rowspan=\"2\" class=\"num\">Clean</th>");
    for (ResultMatrix.Attack attack : matrix.attacks()) {
      out.append(
          "<th scope=\"colgroup\" colspan=\"%d\" class=\"group\" title=\"%s\">%s<small>%s</small></th>"
              .formatted(
                  threats,
                  Text.html(Text.parameters(attack.cell())),
                  Text.html(Text.attack(attack.cell().name())),
                  Text.html(Text.budget(attack.cell()))));
    }
    out.append("</tr>\n<tr>");
    for (int i = 0; i < matrix.attacks().size(); i++) {
      for (Threat threat : matrix.threats()) {
        out.append("<th scope=\"col\" class=\"num sub\">%s</th>".formatted(Text.threat(threat)));
      }
    }
    out.append("</tr>\n</thead>\n<tbody>\n");
    matrix.rows().forEach(row -> out.append(row(matrix, row)));
    return out.append("</tbody></table></div>\n").toString();
  }

  private static String row(ResultMatrix matrix, ResultMatrix.Row row) {
    StringBuilder out = new StringBuilder();
    out.append(
        "<tr><th scope=\"row\">%s</th>".formatted(Text.html(row.name()).replace(".", "<wbr>.")));
    out.append(cell(row.clean(), 1));
    for (ResultMatrix.Attack attack : matrix.attacks()) {
      if (row.sameForEveryThreat(attack, matrix.threats())) {
        out.append(cell(row.cell(attack, matrix.threats().get(0)), matrix.threats().size()));
        continue;
      }
      for (Threat threat : matrix.threats()) {
        out.append(cell(row.cell(attack, threat), 1));
      }
    }
    return out.append("</tr>\n").toString();
  }

  private static String cell(Optional<Result> result, int span) {
    String columns = span > 1 ? " colspan=\"" + span + "\"" : "";
    return result
        .map(
            r ->
                "<td class=\"num\"%s title=\"%s\">%s<small>%s</small>%s</td>"
                    .formatted(
                        columns,
                        Text.html(
                            "n = %s, %s seconds"
                                .formatted(Text.count(r.n()), Text.fixed(r.seconds(), 1))),
                        Text.fixed(100 * r.value(), 1),
                        Text.range(r.interval()),
                        Text.draws(r)
                            .map(words -> "<small>" + Text.html(words) + "</small>")
                            .orElse("")))
        .orElse("<td class=\"num none\"" + columns + ">–</td>");
  }
}
