import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/** Runs a signature of a SavedModel, with the arguments and the output of run_signature.py. */
public class RunSignature {
  public static void main(String[] args) throws Exception {
    byte[][] files = new byte[args.length - 5][];
    for (int i = 0; i < files.length; i++) files[i] = Files.readAllBytes(Path.of(args[i + 5]));
    try (SavedModelBundle model = SavedModelBundle.load(args[0], "serve");
        Tensor input = tensor(args[3], args[4], files);
        Result result = model.function(args[1]).call(Map.of(args[2], input))) {
      TFloat32 output = (TFloat32) result.get("output").get();
      output.scalars().forEach(value -> System.out.println(value.getFloat()));
    }
  }

  private static Tensor tensor(String type, String sides, byte[][] files) {
    if (type.equals("string")) return TString.tensorOfBytes(NdArrays.vectorOfObjects(files));
    Shape shape = Shape.of(Arrays.stream(sides.split(",")).mapToLong(Long::parseLong).toArray());
    if (type.equals("uint8")) return TUint8.tensorOf(shape, DataBuffers.of(files[0]));
    float[] values = new float[files[0].length / 4];
    ByteBuffer.wrap(files[0]).order(ByteOrder.nativeOrder()).asFloatBuffer().get(values);
    return TFloat32.tensorOf(shape, DataBuffers.of(values));
  }
}
