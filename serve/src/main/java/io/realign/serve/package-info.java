/**
 * Defenses and targets behind HTTP: limits, dynamic batching, metrics, and the playground page.
 *
 * <p>Start at {@link io.realign.serve.Service}. A request is read and answered on a virtual thread
 * of its connection ({@link io.realign.serve.Exchange}), images are decoded and encoded by a few
 * platform threads ({@link io.realign.serve.Codecs}), and nets run on a few others, several images
 * at once ({@link io.realign.serve.Batcher}). The command line comes next.
 */
@NullMarked
package io.realign.serve;

import org.jspecify.annotations.NullMarked;
