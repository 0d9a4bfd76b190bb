/** Attacks: images in, images inside a small ball around them out; {@code defense} comes next. */
@NullMarked
package io.realign.attack;

import org.jspecify.annotations.NullMarked;
