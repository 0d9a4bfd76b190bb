package io.realign.torch;

import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs a class's operators on one core: on tensors of a few values, threads that wait for each
 * other take far longer than the work.
 */
public final class OneCore implements BeforeAllCallback, AfterAllCallback {

  private int before;

  @Override
  public void beforeAll(ExtensionContext context) {
    before = torch.get_num_threads();
    torch.set_num_threads(1);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    torch.set_num_threads(before);
  }
}
