"""Writes src/cluster/fixtures/messages.json: messages as TensorFlow's own classes encode them.

Needs the pip package tensorflow-cpu 2.21.0. Run it in packages/engine.
"""

import json

from tensorflow.core.protobuf import config_pb2, tensorflow_server_pb2

# One, because the order of a map in a message is free.
addresses = ["[::1]:12345"]
rank = 0

config = config_pb2.ConfigProto()
config.device_filters.append(f"/job:worker/replica:0/task:{rank}")
config.gpu_options.allow_growth = True
config.allow_soft_placement = True
config.isolate_session_state = True
config.experimental.collective_group_leader = "/job:worker/replica:0/task:0"
config.experimental.collective_nccl = True

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
    "config": config.SerializeToString(deterministic=True).hex(),
    "server": server.SerializeToString(deterministic=True).hex(),
    "runOptions": {"timeoutMs": 1_800_000, "bytes": options.SerializeToString().hex()},
}
with open("src/cluster/fixtures/messages.json", "w") as file:
    json.dump(fixture, file, indent=2)
    file.write("\n")
