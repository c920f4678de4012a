// An entry of its own, which does not load TensorFlow.js.
export type { JsonValue } from '../card/json-value.ts';
export type { ModelCard } from '../card/model-card.ts';
export { requireContract, type RequireContractOptions } from '../card/require-contract.ts';
export { readModelCard } from './model-json.ts';
