/** Frozen nets under attack, with their input normalisation inside; {@code attack} comes next. */
@NullMarked
package io.realign.target;

import org.jspecify.annotations.NullMarked;
