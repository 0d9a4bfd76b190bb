/**
 * How fast this machine computes and how fast Realign runs on it; start at {@link
 * io.realign.bench.BenchCommand}. What the figures mean is in docs/performance.md.
 */
@NullMarked
package io.realign.bench;

import org.jspecify.annotations.NullMarked;
