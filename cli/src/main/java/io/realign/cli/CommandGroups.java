package io.realign.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** The list of commands in {@code --help}, by what a user wants to do. */
final class CommandGroups implements CommandLine.IHelpSectionRenderer {

  private static final Map<String, List<String>> GROUPS = new LinkedHashMap<>();

  static {
    GROUPS.put("See it work", List.of("quickstart"));
    GROUPS.put("Prepare and train", List.of("inspect", "data", "train"));
    GROUPS.put("Measure", List.of("evaluate", "report", "bench"));
    GROUPS.put("Single images", List.of("attack", "purify"));
    GROUPS.put("Elsewhere", List.of("serve", "export"));
  }

  @Override
  public String render(Help help) {
    Map<String, Help> left = new LinkedHashMap<>(help.subcommands());
    StringBuilder text = new StringBuilder();
    GROUPS.forEach(
        (title, names) -> {
          List<Help> group = new ArrayList<>();
          names.stream().filter(left::containsKey).forEach(name -> group.add(left.remove(name)));
          append(text, title, group);
        });
    append(text, "Other", List.copyOf(left.values()));
    return text.toString();
  }

  private static void append(StringBuilder text, String title, List<Help> commands) {
    if (commands.isEmpty()) {
      return;
    }
    text.append("%n%s:%n".formatted(title));
    for (Help command : commands) {
      String[] purpose = command.commandSpec().usageMessage().description();
      text.append(
          "  %-12s%s%n"
              .formatted(command.commandSpec().name(), purpose.length == 0 ? "" : purpose[0]));
    }
  }
}
