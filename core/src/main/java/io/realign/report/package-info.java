/** Result records to JSON, HTML and SVG; never touches a tensor. */
@NullMarked
package io.realign.report;

import org.jspecify.annotations.NullMarked;
