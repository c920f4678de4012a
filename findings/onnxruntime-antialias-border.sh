#!/bin/sh
# ONNX Runtime's antialiased linear Resize darkens or brightens the border, unless an attribute for cubic is set.
#
# The specification describes `exclude_outside` as dropping the taps beyond the border and scaling the others to sum to one. With antialiasing,
# the linear filter also has taps beyond the border when it shrinks an image. By default they repeat the border's pixels, where Pillow drops
# them. With `exclude_outside=1` the levels equal Pillow's to one level.
#
# Seen with onnxruntime 1.32.0 and Pillow 13.0.0, a picture of 40 x 40 random levels shrunk to 10 x 10, largest difference:
#   by default 7 levels
#   with exclude_outside 0 levels
. "$(dirname "$0")/lib/packages.sh"

with_pip onnxruntime==1.32.0 onnx==1.23.2 pillow==13.0.0
cat > try.py <<'EOF'
import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper
from PIL import Image

ort.set_default_logger_severity(3)
levels = np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)
expected = np.asarray(Image.fromarray(levels).resize((10, 10), Image.Resampling.BILINEAR)).astype(int)


def difference(**more):
    node = helper.make_node(
        "Resize", ["x", "", "", "sizes"], ["y"], mode="linear", antialias=1,
        coordinate_transformation_mode="half_pixel", **more,
    )
    graph = helper.make_graph(
        [node],
        "try",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, 1, 40, 40])],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, None)],
        [helper.make_tensor("sizes", TensorProto.INT64, [4], [1, 1, 10, 10])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    session = ort.InferenceSession(model.SerializeToString())
    received = session.run(None, {"x": levels[None, None]})[0][0, 0].astype(int)
    return int(abs(received - expected).max())


by_default, excluded = difference(), difference(exclude_outside=1)
print("by default", by_default, "levels")
print("with exclude_outside", excluded, "levels")
assert by_default > 5 and excluded <= 1
EOF
venv/bin/python try.py
