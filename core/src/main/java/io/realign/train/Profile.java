package io.realign.train;

import java.util.Locale;

/** Sizes and schedule of a run; {@link Profiles} states them. */
public enum Profile {
  /** The paper's and the release's. */
  PUBLISHED,
  /** For two cores. */
  SMALL;

  /** The profile with that name on the command line. */
  public static Profile named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "published" -> PUBLISHED;
      case "small" -> SMALL;
      default ->
          throw new IllegalArgumentException(
              "unknown profile '" + name + "': one of published, small");
    };
  }
}
