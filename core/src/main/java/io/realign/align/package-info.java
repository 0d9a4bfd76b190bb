/**
 * The paper: generators, discriminator, one class a loss term, and the presets; {@code train} comes
 * next.
 */
@NullMarked
package io.realign.align;

import org.jspecify.annotations.NullMarked;
