import type { JsonValue } from '../card/json-value.ts';
import type { LayerCall } from '../keras-config/layer-call.ts';
import { quoted } from './unsupported-layer.ts';

const NAMES = ['query', 'value', 'key'];

const SUPPORTED = 'query, value and key are supported, without masks, scores and training=True';

/**
 * The inputs of KerasMultiHeadAttention for a call of Keras's MultiHeadAttention: a single tensor for
 * a sequence that attends to itself, otherwise queries, values and keys.
 *
 * @returns why the call is rejected, "is called ...", if it has a mask or asks for more than the
 * output
 */
export function attentionInputs({
  tensors,
  args,
  kwargs,
}: LayerCall): LayerCall['tensors'] | string {
  const given: [string, JsonValue][] = [
    ...args.map((value, i): [string, JsonValue] => [NAMES[i] ?? `argument ${i + 1}`, value]),
    ...Object.entries(kwargs),
  ];
  const inputs = new Map<string, LayerCall['tensors'][number]>();
  for (const [name, value] of given) {
    if (value === null || value === false) continue;
    if (value !== 'tensor') return `is called with ${name}=${quoted(value)}; ${SUPPORTED}`;
    if (!NAMES.includes(name)) return `is called with ${name}; ${SUPPORTED}`;
    // Tensors are in the order of the arguments.
    inputs.set(name, tensors[inputs.size]!);
  }
  const query = inputs.get('query');
  const value = inputs.get('value');
  if (query === undefined || value === undefined)
    return `is called without a query or a value; ${SUPPORTED}`;
  const all = [query, value, inputs.get('key') ?? value];
  return all.every((tensor) => tensor.join() === query.join()) ? [query] : all;
}
