package io.realign.evaluate;

import io.realign.defense.Purifier;

/**
 * A defense under evaluation.
 *
 * @param name in results: the name of its file, without folders
 * @param purifier what repairs the images
 * @param sha256 of its file
 */
public record Defense(String name, Purifier purifier, String sha256) {}
