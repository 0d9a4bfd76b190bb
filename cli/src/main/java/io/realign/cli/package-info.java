/**
 * The command line: thin picocli commands over {@code core}. Start at {@link io.realign.cli.Main}.
 */
@NullMarked
package io.realign.cli;

import org.jspecify.annotations.NullMarked;
