package io.realign.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What code is running, as stamped into the jar when it was built.
 *
 * @param version of Realign
 * @param commit of the sources: 40 hexadecimal digits, then {@code -dirty} if tracked files had
 *     changed since; {@code unknown} for a build outside git or Maven
 * @param libtorch version of libtorch and of its Java binding
 */
public record Build(String version, String commit, String libtorch) {

  private static final String RESOURCE = "/realign-build.properties";
  private static final String UNKNOWN = "unknown";
  private static final Build CURRENT = read();

  /** The running build. */
  public static Build current() {
    return CURRENT;
  }

  /** What files say of the build that wrote them: {@code Realign 1.0.0, commit …}. */
  public String text() {
    return "Realign " + version + (commit.equals(UNKNOWN) ? "" : ", commit " + commit);
  }

  private static Build read() {
    Properties stamp = new Properties();
    try (InputStream in = Build.class.getResourceAsStream(RESOURCE)) {
      if (in != null) { // compiled by something other than Maven
        stamp.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Build(
        stamp.getProperty("version", UNKNOWN),
        stamp.getProperty("commit", UNKNOWN),
        stamp.getProperty("libtorch", UNKNOWN));
  }
}
