package io.realign.io;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.HashMap;

/** Pickles by themselves: in a zip their checksum keeps most changes from the parser. */
final class PickleFuzzTest {

  @FuzzTest
  void readsOrRefuses(byte[] content) {
    try {
      Pickle.show(Pickle.read(ByteBuffer.wrap(content), new HashMap<>()));
    } catch (Malformed e) {
      // refused; TorchFile names the file
    }
  }
}
