/**
 * Datasets of labelled images, and the loader that turns them into batches; {@code task} comes
 * next.
 */
@NullMarked
package io.realign.data;

import org.jspecify.annotations.NullMarked;
