package io.realign.report;

import io.realign.evaluate.Result;
import io.realign.evaluate.Threat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Results as an aligned table for a terminal. */
public final class ResultTable {

  private ResultTable() {}

  /**
   * One block per defense, the undefended target first; a line for clean images and one per attack;
   * each figure with its 95 % interval.
   *
   * @return lines that end in a newline; empty without results
   */
  public static String text(List<Result> results) {
    ResultMatrix matrix = ResultMatrix.of(results);
    StringBuilder out = new StringBuilder();
    for (ResultMatrix.Row row : matrix.rows()) {
      if (out.length() > 0) {
        out.append('\n');
      }
      out.append(row.defense().map(name -> "defense " + name).orElse("no defense")).append('\n');
      out.append(grid(block(matrix, row)));
    }
    return out.toString();
  }

  private static List<List<String>> block(ResultMatrix matrix, ResultMatrix.Row row) {
    List<List<String>> lines = new ArrayList<>();
    boolean merged =
        matrix.attacks().stream().allMatch(a -> row.sameForEveryThreat(a, matrix.threats()));
    List<String> head = new ArrayList<>(List.of("attack"));
    if (merged) {
      head.add(matrix.metric() + ", %  [95 % interval]");
    } else {
      matrix.threats().forEach(threat -> head.add(Text.threat(threat) + ", %  [95 % interval]"));
    }
    head.add("n");
    lines.add(head);
    row.clean()
        .ifPresent(clean -> lines.add(line(head.size(), "clean", List.of(Optional.of(clean)))));
    for (ResultMatrix.Attack attack : matrix.attacks()) {
      List<Optional<Result>> cells = new ArrayList<>();
      for (Threat threat : merged ? matrix.threats().subList(0, 1) : matrix.threats()) {
        cells.add(row.cell(attack, threat));
      }
      String budget = Text.budget(attack.cell()).replace('\u00a0', ' ');
      lines.add(
          line(
              head.size(),
              attack.cell().name() + (budget.isEmpty() ? "" : " (" + budget + ")"),
              cells));
    }
    return lines;
  }

  private static List<String> line(int width, String name, List<Optional<Result>> cells) {
    String[] line = new String[width];
    Arrays.fill(line, "");
    line[0] = name;
    for (int i = 0; i < cells.size(); i++) {
      line[i + 1] = cells.get(i).map(ResultTable::figure).orElse("–");
    }
    line[width - 1] =
        cells.stream().flatMap(Optional::stream).findFirst().map(r -> Text.count(r.n())).orElse("");
    return Arrays.asList(line);
  }

  private static String figure(Result result) {
    return pad(Text.fixed(100 * result.value(), 1), 5)
        + "  ["
        + pad(Text.fixed(100 * result.interval().low(), 1), 5)
        + ", "
        + pad(Text.fixed(100 * result.interval().high(), 1), 5)
        + "]"
        + Text.draws(result).map(words -> "  " + words).orElse("");
  }

  private static String pad(String text, int width) {
    return " ".repeat(Math.max(0, width - text.length())) + text;
  }

  /** Aligns columns: the first to the left, the last to the right. */
  static String grid(List<List<String>> lines) {
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], line.get(c).codePointCount(0, line.get(c).length()));
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder(" ");
      for (int c = 0; c < columns; c++) {
        String cell = line.get(c);
        String gap = " ".repeat(widths[c] - cell.codePointCount(0, cell.length()));
        text.append(' ').append(c == columns - 1 ? gap + cell : cell + gap).append(' ');
      }
      out.append(text.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
