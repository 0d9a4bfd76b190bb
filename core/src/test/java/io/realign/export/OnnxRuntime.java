package io.realign.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.realign.nn.StateDict;
import io.realign.torch.Ops;
import java.nio.FloatBuffer;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** An ONNX model in ONNX Runtime. */
final class OnnxRuntime implements AutoCloseable {

  private static final OrtEnvironment ENVIRONMENT = environment();

  private final OrtSession session;

  OnnxRuntime(byte[] model) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = ENVIRONMENT.createSession(model, options);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static OrtEnvironment environment() {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      environment.setTelemetry(false);
      return environment;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The outputs by name. */
  StateDict run(Tensor images) {
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                ENVIRONMENT, FloatBuffer.wrap(Ops.toFloats(images)), Ops.shape(images));
        OrtSession.Result result = session.run(Map.of(Signature.IMAGES, input))) {
      StateDict outputs = new StateDict();
      for (Map.Entry<String, OnnxValue> each : result) {
        OnnxTensor output = (OnnxTensor) each.getValue();
        float[] values = new float[output.getFloatBuffer().remaining()];
        output.getFloatBuffer().get(values);
        outputs.put(each.getKey(), Ops.floats(values, output.getInfo().getShape()));
      }
      return outputs;
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The text of the model's metadata under a key. */
  String metadata(String key) {
    try {
      return session.getMetadata().getCustomMetadataValue(key).orElseThrow();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
