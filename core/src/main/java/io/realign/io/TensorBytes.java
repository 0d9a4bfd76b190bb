package io.realign.io;

import io.realign.torch.Scope;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Moves little-endian bytes between channels and the memory of tensors, without a copy between. */
final class TensorBytes {

  private static final long CHUNK = 1 << 24;

  private TensorBytes() {}

  /** A new tensor filled with the next bytes of {@code in}; the caller has checked its size. */
  static Tensor read(ReadableByteChannel in, DType type, long[] shape) throws IOException {
    try (Scope scope = Scope.open()) {
      Tensor tensor = torch.empty(shape, new TensorOptions(held(type)), new MemoryFormatOptional());
      long size = Math.multiplyExact(tensor.numel(), type.bytes);
      for (long at = 0; at < size; at += CHUNK) {
        ByteBuffer chunk = chunk(tensor, at, size);
        while (chunk.hasRemaining()) {
          if (in.read(chunk) < 0) {
            throw new EOFException("the data ends early");
          }
        }
      }
      // a byte other than 0 and 1 must not become a bool as it is
      return scope.keep(type == DType.BOOL ? tensor.to(type.scalar) : tensor);
    }
  }

  private static ScalarType held(DType type) {
    return type == DType.BOOL ? ScalarType.Byte : type.scalar;
  }

  /** Writes the values of a tensor of any device and strides in row-major order. */
  static void write(Tensor tensor, DType type, WritableByteChannel out) throws IOException {
    try (Scope scope = Scope.open()) {
      Tensor flat = tensor.detach().cpu().contiguous();
      long size = Math.multiplyExact(flat.numel(), type.bytes);
      for (long at = 0; at < size; at += CHUNK) {
        ByteBuffer chunk = chunk(flat, at, size);
        while (chunk.hasRemaining()) {
          out.write(chunk);
        }
      }
    }
  }

  private static ByteBuffer chunk(Tensor tensor, long at, long size) {
    Pointer data = tensor.data_ptr();
    long end = Math.min(size, at + CHUNK);
    BytePointer bytes = new BytePointer(data).capacity(end).position(at);
    return bytes.asByteBuffer();
  }
}
