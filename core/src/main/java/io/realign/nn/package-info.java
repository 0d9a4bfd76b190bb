/**
 * Layers as plain functions over named tensors, and the strict dictionary that holds those tensors.
 * Start at {@link io.realign.nn.Params}; {@code io} comes next.
 */
@NullMarked
package io.realign.nn;

import org.jspecify.annotations.NullMarked;
