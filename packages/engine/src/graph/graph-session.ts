import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FixresEngineError } from '../errors.ts';
import type { GraphBackend } from './graph-backend.ts';
import type { Graph, GraphNode } from './graph-node.ts';
import { savedModelBytes } from './saved-model/saved-model-proto.ts';

/** A native tensor from a run. */
export interface NativeOutput {
  id: number;
  shape: number[];
  dtype: number;
}

/** A graph loaded into TensorFlow. Names are those of its nodes. */
export class GraphSession {
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
      });
      this.#id = backend.loadSavedModelMetaGraph(folder, 'serve');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * @param feeds ids of native tensors, which the caller keeps
   * @param fetches nodes whose first output is returned
   * @returns native tensors, which the caller deletes
   */
  run(feeds: ReadonlyMap<GraphNode, number>, fetches: readonly GraphNode[]): NativeOutput[] {
    const names = (nodes: Iterable<GraphNode>): string =>
      Array.from(nodes, ({ name }) => `${name}:0`).join(',');
    return this.#backend.binding.runSavedModel(
      this.#id,
      [...feeds.values()],
      names(feeds.keys()),
      names(fetches),
    );
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
