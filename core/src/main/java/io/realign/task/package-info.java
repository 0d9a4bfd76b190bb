/**
 * What is asked of the target net: labels, loss, features by class, metric. The only package that
 * branches on the task; {@code target} comes next.
 */
@NullMarked
package io.realign.task;

import org.jspecify.annotations.NullMarked;
