import { PbfWriter } from 'pbf';
import { nestedMessage } from './nested-message.ts';

/** A tensorflow.ConfigProto for a session on the CPU; see {@link writeRewrites}. */
export function sessionConfig(): Uint8Array {
  const config = new PbfWriter();
  writeRewrites(config);
  return config.finish();
}

/**
 * Adds to a tensorflow.ConfigProto how TensorFlow rewrites a graph on the CPU: only what is not
 * needed is left out, and ops are fused, once.
 *
 * By default, TensorFlow rewrites the graph with 13 optimisers, twice, for each function when it
 * runs for the first time. For a step of ResNet50V2, that takes 3 s and gains nothing: compiled
 * graphs have no loops, constants to fold or layouts to choose. On a GPU, the choice of the layout
 * matters, so the default stays.
 *
 * Field numbers are those of config.proto and rewriter_config.proto.
 */
export function writeRewrites(config: PbfWriter): void {
  // graph_options, rewrite_options
  nestedMessage(config, 10, (graph) => {
    nestedMessage(graph, 10, (rewriter) => {
      // meta_optimizer_iterations: ONE
      rewriter.writeVarintField(12, 1);
      // experimental_conditional_code_motion: OFF
      rewriter.writeVarintField(30, 2);
      // optimizers
      for (const name of ['pruning', 'remap']) rewriter.writeStringField(100, name);
    });
  });
}
