import type { GraphNode, Output } from '../graph-node.ts';

/** Ops without side effects or randomness that weights go through. */
const pure: ReadonlySet<string> = new Set([
  'Add',
  'AddV2',
  'Cast',
  'Fill',
  'Mul',
  'RealDiv',
  'Reshape',
  'Rsqrt',
  'Sqrt',
  'Square',
  'Sub',
  'Transpose',
]);

/** Which nodes of a graph have the same value in every run, until someone assigns a variable. */
export class FixedNodes {
  /** The handles of variables that a function of the graph writes. */
  readonly #written = new Set<GraphNode>();
  readonly #kinds = new Map<GraphNode, 'constant' | 'weight' | 'varying'>();

  constructor(nodes: readonly GraphNode[]) {
    for (const { op, inputs } of nodes) {
      if (op === 'ReadVariableOp') continue;
      for (const { node } of inputs) if (node.op === 'VarHandleOp') this.#written.add(node);
    }
  }

  /** Whether an output depends only on constants and on variables that no function writes. */
  has({ node }: Output): boolean {
    return this.#kindOf(node) !== 'varying';
  }

  /** Whether an output is also computed from such a variable. */
  isWeight({ node }: Output): boolean {
    return this.#kindOf(node) === 'weight';
  }

  #kindOf(node: GraphNode): 'constant' | 'weight' | 'varying' {
    let kind = this.#kinds.get(node);
    if (kind === undefined) {
      kind = this.#determine(node);
      this.#kinds.set(node, kind);
    }
    return kind;
  }

  #determine({ op, inputs, controls }: GraphNode): 'constant' | 'weight' | 'varying' {
    if (op === 'Const') return 'constant';
    if (op === 'ReadVariableOp') return this.#written.has(inputs[0]!.node) ? 'varying' : 'weight';
    if (!pure.has(op) || controls.length > 0) return 'varying';
    const kinds = inputs.map(({ node }) => this.#kindOf(node));
    if (kinds.includes('varying')) return 'varying';
    return kinds.includes('weight') ? 'weight' : 'constant';
  }
}
