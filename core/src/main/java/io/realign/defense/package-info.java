/**
 * Purifiers, and {@link io.realign.defense.Defended}, a purified target that is itself a target;
 * {@code align} comes next.
 */
@NullMarked
package io.realign.defense;

import org.jspecify.annotations.NullMarked;
