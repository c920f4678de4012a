import { FixresDataError } from './errors.ts';

/** Checks one value of a file from an untrusted source. `path` names the value in the error. */
export type Shape = (value: unknown, path: string) => void;

/** A number from `low` to `high`. */
export function number(low: number = -Number.MAX_VALUE, high: number = Number.MAX_VALUE): Shape {
  return (value, path) => {
    if (typeof value !== 'number' || !(value >= low && value <= high))
      throw badValue(path, value, `a number from ${low} to ${high}`);
  };
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number): Shape {
  return (value, path) => {
    if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
      throw badValue(path, value, `a whole number from ${low} to ${high}`);
    }
  };
}

export const text: Shape = (value, path) => {
  if (typeof value !== 'string' || value === '') throw badValue(path, value, 'a text');
};

export const flag: Shape = (value, path) => {
  if (typeof value !== 'boolean') throw badValue(path, value, 'true or false');
};

/** One of these values. */
export function oneOf(...allowed: readonly (string | number)[]): Shape {
  return (value, path) => {
    if (!allowed.includes(value as string))
      throw badValue(path, value, allowed.map((one) => JSON.stringify(one)).join(' or '));
  };
}

/** A list of `length` values. */
export function tuple(length: number, shape: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value) || value.length !== length)
      throw badValue(path, value, `a list of ${length}`);
    value.forEach((item, i) => shape(item, `${path}[${i}]`));
  };
}

/** Two numbers from `low` to `high`, the lower first. */
export function range(low: number, high: number): Shape {
  return (value, path) => {
    tuple(2, number(low, high))(value, path);
    const [from, to] = value as [number, number];
    if (from > to) throw badValue(path, value, 'two numbers, the lower first');
  };
}

/** A list of any length. */
export function list(shape: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) throw badValue(path, value, 'a list');
    value.forEach((item, i) => shape(item, `${path}[${i}]`));
  };
}

/** An object with these keys and no others, so that a misspelt key is not ignored. */
export function record(
  required: Record<string, Shape>,
  optional: Record<string, Shape> = {},
): Shape {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw badValue(path, value, 'an object');
    const shapes = { ...required, ...optional };
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(shapes, key))
        throw badValue(
          `${path}.${key}`,
          (value as Record<string, unknown>)[key],
          `left out; allowed are ${Object.keys(shapes).join(', ')}`,
        );
    }
    for (const key of Object.keys(shapes)) {
      const item = (value as Record<string, unknown>)[key];
      if (item !== undefined) shapes[key]!(item, `${path}.${key}`);
      else if (Object.hasOwn(required, key)) throw badValue(`${path}.${key}`, item, 'given');
    }
  };
}

/** An object whose `key` selects its shape. */
export function variants(key: string, shapes: Record<string, Shape>): Shape {
  return (value, path) => {
    const tag: unknown =
      typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[key]
        : undefined;
    oneOf(...Object.keys(shapes))(tag, `${path}.${key}`);
    shapes[tag as string]!(value, path);
  };
}

export function badValue(path: string, value: unknown, allowed: string): FixresDataError {
  // The received value can be anything, even a whole file.
  const received = value === undefined ? 'missing' : JSON.stringify(value).slice(0, 80);
  return new FixresDataError('bad-option', `${path} is ${received}; it must be ${allowed}.`);
}
