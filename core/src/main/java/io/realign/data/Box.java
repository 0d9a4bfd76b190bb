package io.realign.data;

/**
 * An object's box.
 *
 * @param label its class
 * @param left first column, in pixels, as is
 * @param top first row
 * @param right one past the last column
 * @param bottom one past the last row
 */
public record Box(int label, float left, float top, float right, float bottom) {}
