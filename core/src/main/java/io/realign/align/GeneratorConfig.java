package io.realign.align;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.realign.nn.Params;
import io.realign.torch.Compute;
import io.realign.torch.Seed;

/** The sizes of a generator; makes one. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = GlobalGenerator.Config.class, name = "global"),
  @JsonSubTypes.Type(value = CompactGenerator.Config.class, name = "compact"),
  @JsonSubTypes.Type(value = PyramidGenerator.Config.class, name = "pyramid")
})
public sealed interface GeneratorConfig
    permits GlobalGenerator.Config, CompactGenerator.Config, PyramidGenerator.Config {

  /** A new generator with weights drawn from {@code seed}. */
  Generator create(Seed seed, Compute compute);

  /** A generator whose tensors {@code params} makes, on {@code compute}'s device. */
  Generator declare(Params params, Compute compute);
}
