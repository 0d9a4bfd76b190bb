package io.realign.io;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element types of tensors in files, under the names of safetensors. */
enum DType {
  F64(8, ScalarType.Double, "DoubleStorage"),
  I64(8, ScalarType.Long, "LongStorage"),
  F32(4, ScalarType.Float, "FloatStorage"),
  I32(4, ScalarType.Int, "IntStorage"),
  F16(2, ScalarType.Half, "HalfStorage"),
  BF16(2, ScalarType.BFloat16, "BFloat16Storage"),
  I16(2, ScalarType.Short, "ShortStorage"),
  I8(1, ScalarType.Char, "CharStorage"),
  U8(1, ScalarType.Byte, "ByteStorage"),
  BOOL(1, ScalarType.Bool, "BoolStorage");

  final int bytes;
  final ScalarType scalar;

  /** The class of {@code torch} that stands for the type in a pickle. */
  final String storage;

  DType(int bytes, ScalarType scalar, String storage) {
    this.bytes = bytes;
    this.scalar = scalar;
    this.storage = storage;
  }

  static Optional<DType> named(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findFirst();
  }

  static Optional<DType> ofStorage(String storage) {
    return Arrays.stream(values()).filter(type -> type.storage.equals(storage)).findFirst();
  }

  static Optional<DType> of(ScalarType scalar) {
    return Arrays.stream(values()).filter(type -> type.scalar == scalar.intern()).findFirst();
  }
}
