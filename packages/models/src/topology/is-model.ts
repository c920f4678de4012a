import type { JsonValue } from '../card/json-value.ts';

const CLASSES: readonly JsonValue[] = ['Functional', 'Model', 'Sequential'];

/**
 * Whether a layer of a topology is itself a model. tfjs counts its calls from 1: call 0 is the one
 * that created it.
 */
export function isModel({ class_name: className }: Readonly<Record<string, JsonValue>>): boolean {
  return className !== undefined && CLASSES.includes(className);
}
