"""Writes src/cluster/fixtures/messages.json: messages as TensorFlow's own classes encode them.

Needs the pip package tensorflow-cpu 2.21.0. Run it in packages/engine.
"""

import json

from tensorflow.core.protobuf import (
    config_pb2,
    rewriter_config_pb2,
    tensorflow_server_pb2,
)

# One, because the order of a map in a message is free.
addresses = ["[::1]:12345"]
rank = 0

session = config_pb2.ConfigProto()
rewriter = session.graph_options.rewrite_options
rewriter.meta_optimizer_iterations = rewriter_config_pb2.RewriterConfig.ONE
rewriter.experimental_conditional_code_motion = (
    rewriter_config_pb2.RewriterConfig.OFF
)
rewriter.optimizers.extend(["pruning", "remap"])

config = config_pb2.ConfigProto()
config.device_filters.append(f"/job:worker/replica:0/task:{rank}")
config.gpu_options.allow_growth = True
config.allow_soft_placement = True
config.isolate_session_state = True
config.experimental.collective_group_leader = "/job:worker/replica:0/task:0"
config.experimental.collective_nccl = True

cpu_config = config_pb2.ConfigProto()
cpu_config.CopyFrom(config)
cpu_config.MergeFrom(session)
cpu_config.experimental.collective_nccl = False

server = tensorflow_server_pb2.ServerDef()
job = server.cluster.job.add()
job.name = "worker"
for i, address in enumerate(addresses):
    job.tasks[i] = address
server.job_name = "worker"
server.task_index = rank
server.protocol = "grpc"
server.default_session_config.CopyFrom(config)

options = config_pb2.RunOptions(timeout_in_ms=1_800_000)

fixture = {
    "addresses": addresses,
    "rank": rank,
    "session": session.SerializeToString(deterministic=True).hex(),
    "cpuConfig": cpu_config.SerializeToString(deterministic=True).hex(),
    "config": config.SerializeToString(deterministic=True).hex(),
    "server": server.SerializeToString(deterministic=True).hex(),
    "runOptions": {"timeoutMs": 1_800_000, "bytes": options.SerializeToString().hex()},
}
with open("src/cluster/fixtures/messages.json", "w") as file:
    json.dump(fixture, file, indent=2)
    file.write("\n")
