import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixresEngineError } from '../errors.ts';
import type { GraphBackend } from './graph-backend.ts';
import type { Graph, GraphNode } from './graph-node.ts';
import { savedModelBytes } from './saved-model/saved-model-proto.ts';
import { sessionConfig } from './session-config.ts';

/** A native tensor from a run. */
export interface NativeOutput {
  id: number;
  shape: number[];
  dtype: number;
}

/** A value for a run: the id of a native tensor, which the caller keeps, or numbers. */
export type Fed = number | Float32Array | Int32Array | Uint8Array;

/** A graph in TensorFlow that can be run. */
export interface LoadedSession {
  /**
   * @param feeds the values of placeholders
   * @param fetches nodes whose first output is returned
   * @returns native tensors, which the caller deletes
   */
  run(feeds: ReadonlyMap<GraphNode, Fed>, fetches: readonly GraphNode[]): NativeOutput[];
  /** Ends the session and frees the graph. */
  dispose(): void;
}

/** Loads a graph into TensorFlow. */
export type SessionFactory = (graph: Graph, backend: GraphBackend) => LoadedSession;

/** A graph loaded into TensorFlow. Names are those of its nodes. */
export class GraphSession implements LoadedSession {
  readonly #backend: GraphBackend;
  readonly #id: number;

  /** Loads the graph as a SavedModel, the only way the binding offers. */
  constructor(graph: Graph, backend: GraphBackend) {
    this.#backend = backend;
    const folder = inTemporaryFolder(() => mkdtempSync(join(tmpdir(), 'fixres-graph-')));
    try {
      const bytes = savedModelBytes(graph);
      inTemporaryFolder(() => {
        writeFileSync(join(folder, 'saved_model.pb'), bytes);
        // Read by native/session_config.h.
        if (!backend.isUsingGpuDevice)
          writeFileSync(join(folder, 'session_config.pb'), sessionConfig());
      });
      this.#id = backend.loadSavedModelMetaGraph(folder, 'serve');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  run(feeds: ReadonlyMap<GraphNode, Fed>, fetches: readonly GraphNode[]): NativeOutput[] {
    const names = (nodes: Iterable<GraphNode>): string =>
      Array.from(nodes, ({ name }) => `${name}:0`).join(',');
    const { binding } = this.#backend;
    const uploaded: number[] = [];
    try {
      const ids = Array.from(feeds, ([node, fed]) => {
        if (typeof fed === 'number') return fed;
        const { shape, type } = node.outputs[0]!;
        const id = binding.createTensor(shape, type, fed);
        uploaded.push(id);
        return id;
      });
      return binding.runSavedModel(this.#id, ids, names(feeds.keys()), names(fetches));
    } finally {
      for (const id of uploaded) binding.deleteTensor(id);
    }
  }

  dispose(): void {
    this.#backend.deleteSavedModel(this.#id);
  }
}

/**
 * @throws FixresEngineError `no-temporary-folder` if the disk is full or the user may not write the
 * folder
 */
function inTemporaryFolder<T>(write: () => T): T {
  try {
    return write();
  } catch (cause) {
    const message = `A compiled graph passes through the folder of temporary files "${tmpdir()}", which cannot be written: ${(cause as Error).message}. Variable TMPDIR names another one.`;
    throw new FixresEngineError('no-temporary-folder', message, { cause });
  }
}
