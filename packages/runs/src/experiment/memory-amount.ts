const units = { MB: 1, GB: 1e3, TB: 1e6, MiB: 1.048576, GiB: 1073.741824, TiB: 1099511.627776 };

/** An amount of memory: a number and a unit. */
export const memoryPattern: Readonly<RegExp> = /^\s*(\d{1,9}(?:\.\d{1,9})?) ?([MGT]i?B)\s*$/i;

/** What {@link parseMemory} accepts, for messages. */
export const allowedMemory = 'an amount from 100MB to 100TB, such as 4GB, 800MB or 3.5GiB';

/**
 * An amount of memory in 10^6 bytes, rounded down.
 *
 * @param text a number from 100 MB to 100 TB with its unit: MB, GB, TB, MiB, GiB or TiB, in any case
 * @returns undefined for another text
 */
export function parseMemory(text: string): number | undefined {
  const [, number, unit] = memoryPattern.exec(text) ?? [];
  const factor = Object.entries(units).find(
    ([name]) => name.toLowerCase() === unit?.toLowerCase(),
  )?.[1];
  const mb = Math.floor(Number(number) * (factor ?? NaN));
  return mb >= 100 && mb <= 1e8 ? mb : undefined;
}

/** An amount in 10^6 bytes as {@link parseMemory} reads it: `4GB`, `3500MB`. */
export function memoryText(mb: number): string {
  return mb % 1000 === 0 ? `${mb / 1000}GB` : `${mb}MB`;
}
