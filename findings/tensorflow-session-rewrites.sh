#!/bin/sh
# A session of TensorFlow optimises its whole graph again for each new set of outputs, with 13 optimisers, even to read one variable.
#
# The graph looks as if it were optimised once: a session is made for a graph, and a graph does not change. But the first run with a
# set of outputs copies the whole graph, optimises what they need, mostly twice, and builds an executor. So each function of a graph
# (a step for each size of a batch, reading or setting variables) has a slow first run. For a training step of ResNet50V2 with Adam
# that was 3 s of the 4 s of the first run, and setting its weights took 0.8 s, where 0.2 s were enough without optimisers
# (two cores of a Xeon with AVX-512). A SavedModel that is loaded through the C API runs in such a session, and the API of
# TensorFlow.js has no option for it.
#
# Seen with TensorFlow 2.21.0, in its log, for 50 products with 50 variables:
#   y             copied 702 nodes, ran 13 optimisers
#   y again       nothing
#   y and w0      copied 702 nodes, ran 13 optimisers
#   w0            copied 702 nodes, ran 13 optimisers
. "$(dirname "$0")/lib/packages.sh"

with_pip tensorflow-cpu==2.21.0
cat > try.py <<'EOF'
import os
import re
import subprocess
import sys

program = """
import sys
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_eager_execution()
x = y = tf.placeholder(tf.float32, [None, 8])
weights = [tf.get_variable(f"w{i}", [8, 8]) for i in range(50)]
for weight in weights:
    y = tf.nn.relu(tf.matmul(y, weight))
start = tf.global_variables_initializer()
with tf.Session() as session:
    session.run(start)
    for name, outputs in {"y": y, "y again": y, "y and w0": [y, weights[0]], "w0": weights[0]}.items():
        print("run:", name, file=sys.stderr, flush=True)
        session.run(outputs, {x: np.zeros([1, 8])})
"""
log = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0", "TF_CPP_VMODULE": "meta_optimizer=2"}
done = subprocess.run([sys.executable, "-c", program], env=log, capture_output=True, text=True, check=True)
seen = {}
for line in done.stderr.splitlines():
    if line.startswith("run: "):
        name = line[5:]
        seen[name] = "nothing"
    found = re.search(r"num_optimizers=(\d+), num nodes = (\d+)", line)
    if found and seen.get(name if seen else None) == "nothing":
        seen[name] = f"copied {found[2]} nodes, ran {found[1]} optimisers"
for name, what in seen.items():
    print(f"{name:13} {what}")
again = "copied 702 nodes, ran 13 optimisers"
raise SystemExit(0 if seen == {"y": again, "y again": "nothing", "y and w0": again, "w0": again} else 1)
EOF
venv/bin/python try.py
