#!/bin/sh
# ONNX Runtime 1.30 loses the zeros of a Pad before a MaxPool.
#
# Its optimiser merges the node Pad into the padding of the pool. A pool ignores its padding in the maximum, so zeros beside negative numbers
# are lost. Without optimisation the result is right, and again in version 1.32. ResNetV2 of Keras has such a pair.
#
# Seen with onnxruntime 1.30.0, for an image of -1 with a border of zeros:
#   not optimised [0.0, 0.0, 0.0, -1.0]
#   optimised [-1.0, -1.0, -1.0, -1.0]
. "$(dirname "$0")/lib/packages.sh"

with_pip onnxruntime==1.30.0 onnx==1.23.2
cat > try.py <<'EOF'
import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper

ort.set_default_logger_severity(3)


def pooled(optimise):
    graph = helper.make_graph(
        [
            helper.make_node("Pad", ["x", "pads"], ["y"]),
            helper.make_node("MaxPool", ["y"], ["z"], kernel_shape=[3, 3], strides=[2, 2]),
        ],
        "try",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 4, 4])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, None)],
        [helper.make_tensor("pads", TensorProto.INT64, [8], [0, 0, 1, 1, 0, 0, 1, 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    options = ort.SessionOptions()
    if not optimise:
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(model.SerializeToString(), options)
    return session.run(None, {"x": -np.ones((1, 1, 4, 4), np.float32)})[0].ravel().tolist()


seen = {
    "not optimised": pooled(False),
    "optimised": pooled(True),
}
for name, values in seen.items():
    print(name, values)
right, wrong = [0, 0, 0, -1], [-1, -1, -1, -1]
assert list(seen.values()) == [right, wrong]
EOF
venv/bin/python try.py
