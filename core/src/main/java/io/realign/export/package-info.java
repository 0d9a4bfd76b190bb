/**
 * Trained defenses as files that other runtimes take. Start at {@link
 * io.realign.export.ExportedNet}; the command line comes next.
 */
@NullMarked
package io.realign.export;

import org.jspecify.annotations.NullMarked;
