/**
 * The one home of libtorch's awkward types: native-memory scopes, device and precision, seeded
 * randomness and the operators the rest of the code calls. Start at {@link io.realign.torch.Scope}
 * and {@link io.realign.torch.Ops}; {@code nn} comes next.
 */
@NullMarked
package io.realign.torch;

import org.jspecify.annotations.NullMarked;
