package io.realign.data;

import io.realign.io.Pixels;

/** An image and what is known about it. */
public record Sample(Pixels image, Annotation annotation) {}
