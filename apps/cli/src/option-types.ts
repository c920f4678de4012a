import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number, 0 or more. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
  return value;
}

/** Reads an option that is a number of things, 1 or more. */
export function count(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}

/** Reads an option that is a part of something, between 0 and 1. */
export function part(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must lie between 0 and 1.');
  return value;
}

/** Reads an option that multiplies something: a number above 0. */
export function factor(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

/** Reads an option that is a number of 10^6 pixels. */
export function megapixels(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 500)) throw new InvalidArgumentError('It must be a number above 0, at most 500.');
  return value;
}
