package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Result.ClassFigure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The results by class: a row for each class, a column for each record. */
final class ClassesSection {

  private ClassesSection() {}

  /** The table; empty where no record tells its classes apart. */
  static Optional<String> html(List<Result> results) {
    List<Result> told = results.stream().filter(result -> !result.classes().isEmpty()).toList();
    if (told.isEmpty()) {
      return Optional.empty();
    }
    StringBuilder out = new StringBuilder();
    out.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"By class\">");
    out.append(
        "<table class=\"results\"><caption>%s of each class in per cent, and the images that show it.</caption>"
            .formatted(measure(told.getFirst().metric())));
    out.append("\n<thead>\n<tr><th scope=\"col\">Class</th>");
    out.append("<th scope=\"col\" class=\"num\">Images</th>");
    told.forEach(result -> out.append(heading(result)));
    out.append("</tr>\n</thead>\n<tbody>\n");
    List<Map<String, ClassFigure>> columns = told.stream().map(ClassesSection::byName).toList();
    names(columns).forEach((name, images) -> out.append(row(name, images, columns)));
    return Optional.of(out.append("</tbody></table></div>\n").toString());
  }

  private static String measure(String metric) {
    return switch (metric) {
      case "mIoU" -> "Intersection over union";
      case "mAP" -> "Average precision";
      case "mAP (11 points)" -> "Average precision at 11 recalls";
      default -> Text.capital(metric);
    };
  }

  private static String heading(Result result) {
    List<String> below = new ArrayList<>();
    if (result.defense() != null) {
      below.add("defended");
    }
    if (result.threat() != null) {
      below.add(Text.threat(result.threat()));
    }
    Result.AttackCell attack = result.attack();
    String name = attack == null ? "Clean" : Text.html(Text.attack(attack.name()));
    String title = attack == null ? "" : " title=\"" + Text.html(Text.parameters(attack)) + "\"";
    return "<th scope=\"col\" class=\"num\"%s>%s<small>%s</small></th>"
        .formatted(title, name, String.join(", ", below));
  }

  private static Map<String, ClassFigure> byName(Result result) {
    Map<String, ClassFigure> figures = new LinkedHashMap<>();
    result.classes().forEach(figure -> figures.put(figure.name(), figure));
    return figures;
  }

  /** All classes with the images that show them, in the order in which records have them. */
  private static Map<String, Long> names(List<Map<String, ClassFigure>> columns) {
    Map<String, Long> images = new LinkedHashMap<>();
    columns.forEach(
        column -> column.values().forEach(f -> images.merge(f.name(), f.images(), Math::max)));
    return images;
  }

  private static String row(String name, long images, List<Map<String, ClassFigure>> columns) {
    StringBuilder out = new StringBuilder();
    out.append("<tr><th scope=\"row\">%s</th>".formatted(Text.html(name)));
    out.append("<td class=\"num\">%s</td>".formatted(Text.count(images)));
    for (Map<String, ClassFigure> column : columns) {
      ClassFigure figure = column.get(name);
      out.append(
          figure == null
              ? "<td class=\"num none\">–</td>"
              : "<td class=\"num\">%s</td>".formatted(Text.fixed(100 * figure.value(), 1)));
    }
    return out.append("</tr>\n").toString();
  }
}
