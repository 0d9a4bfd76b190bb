/** Target × attack × defense × threat to result records; {@code report} comes next. */
@NullMarked
package io.realign.evaluate;

import org.jspecify.annotations.NullMarked;
