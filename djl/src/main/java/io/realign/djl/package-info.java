/** A defense in front of a model that the Deep Java Library runs; start at PurifyingTranslator. */
@NullMarked
package io.realign.djl;

import org.jspecify.annotations.NullMarked;
