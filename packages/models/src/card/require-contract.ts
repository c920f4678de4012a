import { FixresModelsError } from '../errors.ts';
import { isJsonObject, type JsonValue } from './json-value.ts';
import type { ModelCard } from './model-card.ts';

export interface RequireContractOptions {
  /** Use the given contract even if the model has a different one. Default false. */
  override?: boolean;
}

/**
 * The preprocessing contract under which to use a model: its own. A different one is rejected
 * unless overridden, because a model does not fail on images that were prepared differently; it is
 * only less accurate.
 *
 * Contracts are equal if they are the same JSON, in any field order.
 *
 * @param given contract that the caller wants to use; if absent, the model's own
 * @returns the contract to use, from the card or as given
 * @throws FixresModelsError `no-contract` if neither the card nor the caller has one,
 * `contract-mismatch` with every field that differs
 */
export function requireContract(
  card: Pick<ModelCard, 'contract'>,
  given: JsonValue | undefined,
  { override = false }: RequireContractOptions = {},
): JsonValue {
  const own = card.contract;
  if (given === undefined) {
    if (own !== undefined) return own;
    throw new FixresModelsError(
      'no-contract',
      'The model has no preprocessing contract, and none is given.',
    );
  }
  if (own === undefined || override) return given;
  const differences = differencesOf(own, given, '');
  if (differences.length === 0) return own;
  throw new FixresModelsError(
    'contract-mismatch',
    `The model has a different preprocessing contract: ${differences.join('; ')}. To use it ` +
      'anyway, override the contract explicitly.',
  );
}

/** One text per field that differs. */
function differencesOf(
  own: JsonValue | undefined,
  given: JsonValue | undefined,
  path: string,
): string[] {
  if (isJsonObject(own) && isJsonObject(given)) {
    const keys = [...new Set([...Object.keys(own), ...Object.keys(given)])].sort();
    return keys.flatMap((key) =>
      differencesOf(own[key], given[key], path === '' ? key : `${path}.${key}`),
    );
  }
  if (canonical(own) === canonical(given)) return [];
  return [`${path || 'contract'} is ${canonical(own)} in the model and ${canonical(given)} here`];
}

/** JSON with the fields of every object in sorted order. */
function canonical(value: JsonValue | undefined): string {
  if (value === undefined) return 'absent';
  return JSON.stringify(value, (_, field: unknown) =>
    isJsonObject(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
