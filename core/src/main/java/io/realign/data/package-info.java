/**
 * Datasets of labelled images, and the loader that turns them into batches. Start at {@link
 * io.realign.data.Datasets} and {@link io.realign.data.Loader}; {@code task} comes next.
 */
@NullMarked
package io.realign.data;

import org.jspecify.annotations.NullMarked;
