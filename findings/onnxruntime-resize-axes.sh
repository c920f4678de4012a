#!/bin/sh
# ONNX Runtime refuses a valid Resize of uint8 with `axes` if a Transpose comes before it.
#
# Its optimiser moves the Transpose behind the Resize and then checks the moved node without its sizes. The message names an empty list of
# sizes, which the model does not have. Sizes of all axes, without `axes`, are accepted.
#
# Seen with onnxruntime 1.32.0:
#   axes: Number of elements of input 'sizes' (0) does not match the number of axes (2)
#   all sizes: accepted
. "$(dirname "$0")/lib/packages.sh"

with_pip onnxruntime==1.32.0 onnx==1.23.2
cat > try.py <<'EOF'
import re

import onnxruntime as ort
from onnx import TensorProto, checker, helper

ort.set_default_logger_severity(4)


def created(sizes, **more):
    graph = helper.make_graph(
        [
            helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
            helper.make_node("Resize", ["t", "", "", "sizes"], ["y"], mode="linear", **more),
        ],
        "try",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, 8, 8, 3])],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, [1, 3, 4, 4])],
        [helper.make_tensor("sizes", TensorProto.INT64, [len(sizes)], sizes)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    checker.check_model(model, full_check=True)
    try:
        ort.InferenceSession(model.SerializeToString())
        return "accepted"
    except Exception as error:
        return re.search(r"Number of elements.*?\(2", str(error)).group() + ")"


seen = {"axes": created([4, 4], axes=[2, 3]), "all sizes": created([1, 3, 4, 4])}
for name, result in seen.items():
    print(f"{name}: {result}")
assert seen["axes"].startswith("Number of elements of input 'sizes' (0)")
assert seen["all sizes"] == "accepted"
EOF
venv/bin/python try.py
