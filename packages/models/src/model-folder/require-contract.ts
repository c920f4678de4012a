import { FixresModelsError } from '../errors.ts';
import type { Json, ModelCard } from './model-card.ts';

export interface RequireContractOptions {
  /** Says that the difference is meant. Default false. */
  override?: boolean;
}

/**
 * Refuses to use a model with images that are prepared otherwise than its card says: such predictions look right and are not.
 * A card without contract allows everything.
 *
 * @param given how the images are prepared
 * @throws FixresModelsError `contract-differs` naming every field that differs, with both values
 */
export function requireContract(card: ModelCard, given: Json, { override = false }: RequireContractOptions = {}): void {
  if (override || card.contract === undefined) return;
  const differences = differencesOf(card.contract, given, '');
  if (differences.length === 0) return;
  throw new FixresModelsError(
    'contract-differs',
    `The images are prepared otherwise than this model expects: ${differences.join('; ')}. Prepare them as the model's contract says, or override it.`,
  );
}

/** Every place where two values differ, as sentences' parts. The order of an object's keys does not matter. */
function differencesOf(expected: Json | undefined, given: Json | undefined, path: string): string[] {
  if (isObject(expected) && isObject(given)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(given)])];
    return keys.flatMap((key) => differencesOf(expected[key], given[key], path === '' ? key : `${path}.${key}`));
  }
  if (JSON.stringify(expected) === JSON.stringify(given)) return [];
  return [`${path || 'contract'} is ${shown(given)}, expected ${shown(expected)}`];
}

function isObject(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: Json | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
