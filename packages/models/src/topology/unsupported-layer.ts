import type { JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';

/** Identifies a layer in error messages. */
export interface LayerPlace {
  name: string;
  className: string;
  /** The file. */
  where: string;
}

/** `Layer "NAME" of FILE (CLASS) WHY.` */
export function unsupportedLayer(
  { name, className, where }: LayerPlace,
  why: string,
): FixresModelsError {
  return new FixresModelsError(
    'unsupported-model',
    `Layer "${name}" of ${where} (${className}) ${why}.`,
  );
}

/** A value as error messages quote it. */
export function quoted(value: JsonValue | undefined): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
