import { type ImageSize, parseImageSize, sidesOf } from '@fixres/data/names';
import {
  allowedBy,
  allowedMemory,
  isWithin,
  parseMemory,
  type SettingRange,
} from '@fixres/runs/names';
import { InvalidArgumentError, Option } from 'commander';
import { noMemoryLimit } from './no-memory-limit.ts';

/** Parses the text of an option. @throws InvalidArgumentError that states what is allowed */
export type OptionType<T> = ((text: string) => T) & {
  /** The allowed values, for tests that generate values. */
  readonly takes:
    | { kind: 'whole'; range: SettingRange }
    | { kind: 'wholes'; range: SettingRange }
    | { kind: 'size'; range: SettingRange }
    | { kind: 'part' }
    | { kind: 'memory' }
    | { kind: 'positive'; most: number };
};

/** An option whose value is a whole number within a range. */
export function whole(range: SettingRange): OptionType<number> {
  const read = (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text.trim()) || !isWithin(value, range))
      throw new InvalidArgumentError(`It must be ${allowedBy(range)}.`);
    return value;
  };
  return Object.assign(read, { takes: { kind: 'whole', range } as const });
}

/** An option that is a list of different whole numbers within a range, separated by commas. */
export function wholeList(range: SettingRange): OptionType<number[]> {
  const read = (text: string): number[] => {
    const values = text.split(',').map(whole(range));
    const repeated = values.find((value, i) => values.indexOf(value) !== i);
    if (repeated !== undefined)
      throw new InvalidArgumentError(
        `It must be a list without repetition, and has ${repeated} twice.`,
      );
    return values;
  };
  return Object.assign(read, { takes: { kind: 'wholes', range } as const });
}

/** An option whose value is an image size: a side in pixels, or height x width. */
export function imageSize(range: SettingRange): OptionType<ImageSize> {
  const read = (text: string): ImageSize => {
    const size = parseImageSize(text);
    const { height, width } = sidesOf(size ?? NaN);
    if (size === undefined || !isWithin(height, range) || !isWithin(width, range))
      throw new InvalidArgumentError(`It must be ${allowedSize(range)}.`);
    return size;
  };
  return Object.assign(read, { takes: { kind: 'size', range } as const });
}

/** Text for allowed image sizes. */
function allowedSize(range: SettingRange): string {
  return `${allowedBy(range)}, or height x width such as 192x256`;
}

/** An option that is an amount of memory, such as 4GB, or `none`. Its text is kept. */
export const memory: OptionType<string> = Object.assign(
  (text: string): string => {
    if (text !== noMemoryLimit && parseMemory(text) === undefined)
      throw new InvalidArgumentError(`It must be ${allowedMemory}, or ${noMemoryLimit}.`);
    return text;
  },
  { takes: { kind: 'memory' } as const },
);

/** An option that counts something: a whole number of at least 1. */
export const count: OptionType<number> = whole({ low: 1, high: Number.MAX_SAFE_INTEGER });

/** An option that is a fraction between 0 and 1. */
export const part: OptionType<number> = Object.assign(
  (text: string): number => {
    const value = numberOf(text);
    if (!(value > 0 && value < 1))
      throw new InvalidArgumentError('It must be above 0 and below 1.');
    return value;
  },
  { takes: { kind: 'part' } as const },
);

/** An option that multiplies something: a number above 0. */
export function positive(most: number = Number.MAX_VALUE): OptionType<number> {
  const read = (text: string): number => {
    const value = numberOf(text);
    if (!(value > 0 && value <= most))
      throw new InvalidArgumentError(
        `It must be a number above 0${most === Number.MAX_VALUE ? '' : `, at most ${most}`}.`,
      );
    return value;
  };
  return Object.assign(read, { takes: { kind: 'positive', most } as const });
}

/**
 * An option that takes several names, separated by commas or by repeating the option. Not separated
 * by spaces: the next words may be arguments.
 *
 * @param flags including the name of the value: `--log <kinds>`
 * @param choices all allowed names. Default: any
 */
export function listOption(
  flags: string,
  description: string,
  choices?: readonly string[],
): Option {
  const option = new Option(flags, description);
  if (choices) option.choices(choices);
  return option.argParser((text: string, before: readonly string[] | undefined) => {
    const names = text.split(',').map((name) => name.trim());
    for (const name of names) {
      if (name === '')
        throw new InvalidArgumentError('It must be a list of names, separated by commas.');
      if (choices && !choices.includes(name))
        throw new InvalidArgumentError(
          `Allowed are ${choices.join(', ')}; separate several with commas.`,
        );
    }
    return [...(before ?? []), ...names];
  });
}

/**
 * Accepts only common notations: `Number` also parses empty text, hexadecimal numbers and the word
 * Infinity.
 */
function numberOf(text: string): number {
  return /^[+]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
}
