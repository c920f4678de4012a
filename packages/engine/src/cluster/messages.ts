import { PbfWriter } from 'pbf';
import { nestedMessage } from '../graph/nested-message.ts';
import { writeRewrites } from '../graph/session-config.ts';
import type { ClusterTask } from './cluster-task.ts';

// The few messages of TensorFlow's protocol buffers that configure a server and its sessions. Field
// numbers are those of tensorflow_server.proto, cluster.proto and config.proto.

/** All processes are tasks of this job. */
const JOB = 'worker';

/** TensorFlow's name of a process. */
export function taskName(rank: number): string {
  return `/job:${JOB}/replica:0/task:${rank}`;
}

/** tensorflow.ServerDef */
export function serverDef({ addresses, rank }: ClusterTask, config: Uint8Array): Uint8Array {
  const server = new PbfWriter();
  nestedMessage(server, 1, (cluster) => {
    nestedMessage(cluster, 1, (job) => {
      job.writeStringField(1, JOB);
      for (const [i, address] of addresses.entries()) {
        nestedMessage(job, 2, (task) => {
          task.writeVarintField(1, i);
          task.writeStringField(2, address);
        });
      }
    });
  });
  server.writeStringField(2, JOB);
  // A field that is 0 is left out.
  if (rank > 0) server.writeVarintField(3, rank);
  server.writeBytesField(4, config);
  server.writeStringField(5, 'grpc');
  return server.finish();
}

/**
 * tensorflow.ConfigProto: a session uses the devices of its own process alone, and has variables of
 * its own. With `gpu`, cards exchange numbers through NVIDIA's library.
 */
export function configProto(rank: number, { gpu }: { gpu: boolean }): Uint8Array {
  const config = new PbfWriter();
  // device_filters
  config.writeStringField(4, taskName(rank));
  nestedMessage(config, 6, (options) => {
    // allow_growth
    options.writeBooleanField(4, true);
  });
  // allow_soft_placement
  config.writeBooleanField(7, true);
  if (!gpu) writeRewrites(config);
  // isolate_session_state
  config.writeBooleanField(15, true);
  nestedMessage(config, 16, (experimental) => {
    // collective_group_leader
    experimental.writeStringField(1, taskName(0));
    // collective_nccl
    if (gpu) experimental.writeBooleanField(7, true);
  });
  return config.finish();
}

/** tensorflow.RunOptions */
export function runOptions(timeoutMs: number): Uint8Array {
  const options = new PbfWriter();
  options.writeVarintField(2, timeoutMs);
  return options.finish();
}
