package io.realign.task;

import org.bytedeco.pytorch.Tensor;

/**
 * What a net says about a batch of images.
 *
 * @param logits the scores before any softmax: {@code [N,K]} for classification
 * @param features the layer before the last: {@code [N,D]} for classification
 */
public record Outputs(Tensor logits, Tensor features) {}
