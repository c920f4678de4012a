import type { NodeTranslator } from '../lowering.ts';
import { naturalOrder } from '../lowering.ts';
import { tensorTypes } from '../schema.ts';
import { integers } from '../tflite-graph.ts';

/** To whole numbers, the only cast that models have. */
const cast: NodeTranslator = (node, lowering) => {
  const x = lowering.natural(node.inputs[0]!);
  const options = { inDataType: tensorTypes.float32, outDataType: tensorTypes.int32 };
  const output = lowering.target.append(
    { op: 'CAST', inputs: [x], options },
    { name: node.name, type: 'int32', shape: x.shape },
  );
  lowering.place(node.outputs[0]!, output, naturalOrder(x.shape.length));
  return undefined;
};

/** Rows of an axis, by their numbers. */
const gather: NodeTranslator = (node, lowering) => {
  const [from, places] = node.inputs as [string, string];
  const axis = (node.attributes.axis as number | undefined) ?? 0;
  const x = lowering.natural(from);
  const constant = lowering.numbers(places);
  const rows = constant ? integers(`${node.name}/rows`, constant) : lowering.natural(places);
  const shape = [...x.shape.slice(0, axis), ...rows.shape, ...x.shape.slice(axis + 1)];
  const output = lowering.target.add('GATHER', [x, rows], node.name, shape, { axis });
  lowering.place(node.outputs[0]!, output, naturalOrder(shape.length));
  return undefined;
};

export const lookups: Readonly<Record<string, NodeTranslator>> = { Cast: cast, Gather: gather };
