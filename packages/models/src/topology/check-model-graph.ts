import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import { firstUnreached } from './first-unreached.ts';
import { isModel } from './is-model.ts';

/**
 * Rejects a topology with a layer that can never be called. `loadLayersModel` of tfjs 4.22 does not
 * notice that, and never returns. Nested models are checked as well.
 *
 * @param topology in tfjs's form, see `readableTopology`
 * @throws FixresModelsError `damaged-model`
 */
export function checkModelGraph(topology: JsonValue, where: string): void {
  if (!isJsonObject(topology)) return;
  const { model_config: wrapped, config } = topology;
  if (wrapped !== undefined) checkModelGraph(wrapped, where);
  if (!isJsonObject(config) || !Array.isArray(config.layers)) return;
  // Each call of a layer, and the calls whose outputs it takes. A layer that is never called is an
  // input.
  const calls = new Map<string, string[]>();
  for (const layer of config.layers as JsonValue[]) {
    checkModelGraph(layer, where);
    if (!isJsonObject(layer) || typeof layer.name !== 'string') continue;
    const nodes =
      Array.isArray(layer.inbound_nodes) && layer.inbound_nodes.length > 0
        ? (layer.inbound_nodes as JsonValue[])
        : [null];
    const first = isModel(layer) ? 1 : 0;
    for (const [i, node] of nodes.entries())
      calls.set(callKey(layer.name, first + i), [...inputsOf(node)]);
  }
  const stuck = firstUnreached(calls);
  if (stuck === undefined) return;
  const [layer] = JSON.parse(stuck) as [string, number];
  const inputs = calls.get(stuck)!.map((input) => (JSON.parse(input) as [string, number])[0]);
  const message = `Layer "${layer}" of ${where} is called on ${inputs.join(', ')}: one of them is missing or waits for it.`;
  throw new FixresModelsError('damaged-model', message);
}

function callKey(layer: string, node: number): string {
  return JSON.stringify([layer, node]);
}

/**
 * The calls whose outputs a call takes: it is `[layer, node, tensor, kwargs]`, or a list of these.
 */
function* inputsOf(call: JsonValue): Generator<string> {
  if (!Array.isArray(call)) return;
  const tensors = typeof call[0] === 'string' ? [call] : (call as JsonValue[]);
  for (const tensor of tensors) {
    if (!Array.isArray(tensor)) continue;
    const [layer, node] = tensor as JsonValue[];
    if (typeof layer === 'string' && typeof node === 'number') yield callKey(layer, node);
  }
}
