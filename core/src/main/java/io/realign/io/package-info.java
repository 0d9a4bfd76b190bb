/**
 * Files in and out: safetensors, PyTorch state dictionaries, images, downloads and atomic writes;
 * {@code data} comes next.
 */
@NullMarked
package io.realign.io;

import org.jspecify.annotations.NullMarked;
