/**
 * Training loops: Algorithm 1 and the training of targets, with checkpoints and listeners; {@code
 * evaluate} comes next.
 */
@NullMarked
package io.realign.train;

import org.jspecify.annotations.NullMarked;
