#!/bin/sh
# TensorFlow's StridedSlice takes several times the processor time of an average pooling that picks the same pixels.
#
# x[:, ::2, ::2] of a map only copies every second pixel. An average pooling with a window of one pixel and stride 2 returns the same
# numbers, and divides each by one as well; oneDNN computes it. The gradient of a strided 1x1 convolution needs such a slice.
#
# Seen with TensorFlow 2.21.0 on an AMD EPYC with AVX-512, one thread, other programs running, for a map of 16 x 61 x 61 x 64:
#   slice 12.1 ms, pooling 1.0 ms
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0
cat > try.py <<'EOF'
import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
print(f"TensorFlow {tf.__version__}")
x = tf.random.normal([16, 61, 61, 64])
ways = {
    "slice": tf.function(lambda x: x[:, ::2, ::2]),
    "pooling": tf.function(lambda x: tf.nn.avg_pool2d(x, 1, 2, "SAME")),
}
# Equal, also to the bit.
assert np.array_equal(*(way(x).numpy() for way in ways.values()))
shortest = dict.fromkeys(ways, float("inf"))
for _ in range(20):
    for name, way in ways.items():
        start = time.process_time()
        for _ in range(5):
            way(x)
        shortest[name] = min(shortest[name], (time.process_time() - start) / 5)
print(", ".join(f"{name} {1e3 * seconds:.1f} ms" for name, seconds in shortest.items()))
raise SystemExit(0 if shortest["slice"] > 3 * shortest["pooling"] else 1)
EOF
venv/bin/python try.py
