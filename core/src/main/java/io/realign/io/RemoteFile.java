package io.realign.io;

import java.net.URI;

/**
 * A file to download.
 *
 * @param name what it is called on disk
 * @param address an {@code http} or {@code https} address
 * @param checksum what its bytes must add up to
 */
public record RemoteFile(String name, URI address, Checksum checksum) {

  /** Checks the name and the address. */
  public RemoteFile {
    if (name.isBlank() || name.contains("/") || name.contains("\\")) {
      throw new IllegalArgumentException("'" + name + "' is no file name");
    }
    if (!"http".equals(address.getScheme()) && !"https".equals(address.getScheme())) {
      throw new IllegalArgumentException(address + " is no http or https address");
    }
  }
}
