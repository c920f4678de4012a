import { FixresEngineError } from '../../errors.ts';
import { constantValue, type Graph, type GraphNode, type Output, specOf } from '../graph-node.ts';

/** Placeholder for the number of examples in a shape. */
const ANY = -1;

/**
 * Generalises a graph recorded for one number of examples to any number, by comparison with the
 * same function recorded for another number. The graphs may differ only in one dimension of
 * `Reshape` targets, which becomes variable.
 *
 * @throws FixresEngineError `not-compilable` if anything else depends on the number of examples
 */
export function openBatch(graph: Graph, other: Graph): void {
  // Constants are compared where they are used: the shapes of two ops can be one constant for one
  // number of examples, and two for another.
  const [nodes, twins] = [graph, other].map((each) =>
    each.nodes.filter(({ op }) => op !== 'Const'),
  );
  if (nodes!.length !== twins!.length) throw refusal('the number of its ops');
  for (const [i, node] of nodes!.entries()) {
    const twin = twins![i]!;
    if (node.op !== twin.op || node.inputs.length !== twin.inputs.length)
      throw refusal(`op ${node.name}`);
    node.inputs = node.inputs.map((input, i) => {
      if (sameConstant(input, twin.inputs[i]!)) return input;
      if (node.op !== 'Reshape' || i !== 1) throw refusal(`input ${i} of ${node.name}`);
      return openedShape(graph, node, input, twin.inputs[i]!);
    });
    const shape = node.attributes.get('shape');
    if (node.op === 'Placeholder' && shape?.kind === 'shape') {
      const sides = (twin.attributes.get('shape') as typeof shape).value;
      node.attributes.set('shape', {
        kind: 'shape',
        value: shape.value.map((side, i) => (side === sides[i] ? side : ANY)),
      });
    }
  }
}

function sameConstant(a: Output, b: Output): boolean {
  const [one, two] = [constantValue(a), constantValue(b)];
  if (one === undefined || two === undefined) return (one === undefined) === (two === undefined);
  const values = Array.from<number | bigint>(two.values as ArrayLike<number | bigint>);
  return (
    one.values.length === two.values.length &&
    Array.from<number | bigint>(one.values as ArrayLike<number | bigint>).every((value, i) =>
      Object.is(value, values[i]),
    )
  );
}

function openedShape(graph: Graph, { name }: GraphNode, a: Output, b: Output): Output {
  const [one, two] = [a, b].map((output) =>
    Array.from(constantValue(output)!.values as Int32Array),
  );
  const changed = one!.flatMap((side, i) => (side === two![i] ? [] : [i]));
  if (changed.length !== 1 || one!.length !== two!.length) throw refusal(`the shape of ${name}`);
  return graph.constant({
    ...specOf(a),
    values: Int32Array.from(one!, (side, i) => (i === changed[0] ? ANY : side)),
  });
}

function refusal(what: string): FixresEngineError {
  return new FixresEngineError(
    'not-compilable',
    `The model cannot be exported for any number of images: it changes ${what}.`,
  );
}
