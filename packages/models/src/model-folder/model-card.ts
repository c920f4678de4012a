import { FixresModelsError } from '../errors.ts';

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a model folder tells about its model beside layers and weights. It stands in `model.json` under `userDefinedMetadata.fixres`.
 */
export interface ModelCard {
  version: 1;
  /** How to make the model anew: a name that `createModel` knows, and its options. */
  architecture?: { name: string; options: Readonly<Record<string, Json>> };
  /** Name of each output, in order. */
  classNames?: readonly string[];
  /**
   * How images have to be prepared: the preprocessing contract of `@fixres/data`, or another description that its user understands.
   * Compared as a whole, never interpreted here.
   */
  contract?: Json;
}

/** Where the card stands in `userDefinedMetadata`. */
export const CARD_KEY = 'fixres';

/**
 * Checks a card that comes from a file, and gives a copy of it. Nothing (undefined) is the card of a model of someone else: it says
 * nothing.
 *
 * @throws FixresModelsError `bad-model-card` naming the field, what it is and what is allowed
 */
export function parseModelCard(value: unknown): ModelCard {
  if (value === undefined) return { version: 1 };
  const card = record(value, 'model card');
  if (card.version !== 1) throw badCard('version', card.version, '1; a newer fixres may have written it');
  for (const key of Object.keys(card)) {
    if (!['version', 'architecture', 'classNames', 'contract'].includes(key)) {
      throw badCard(key, card[key], 'left out; known are version, architecture, classNames, contract');
    }
  }
  if (card.architecture !== undefined) {
    const architecture = record(card.architecture, 'architecture');
    if (typeof architecture.name !== 'string' || architecture.name === '') throw badCard('architecture.name', architecture.name, 'a text');
    record(architecture.options, 'architecture.options');
  }
  if (card.classNames !== undefined) {
    const names = card.classNames;
    const valid = Array.isArray(names) && names.every((name) => typeof name === 'string' && name !== '');
    if (!valid || new Set(names).size !== names.length) throw badCard('classNames', names, 'a list of different texts');
  }
  return structuredClone(card) as unknown as ModelCard;
}

function record(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badCard(field, value, 'an object');
  return value as Record<string, unknown>;
}

function badCard(field: string, value: unknown, allowed: string): FixresModelsError {
  const received = value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
  return new FixresModelsError('bad-model-card', `In the model card ${field} is ${received}; it must be ${allowed}.`);
}
