import { FixresRunnerError } from '@fixres/runner';

/**
 * Parses a list of sizes in pixels, such as `96,128,160`.
 *
 * @throws FixresRunnerError that names the invalid item
 */
export function parseSizes(text: string): number[] {
  const sizes = text.split(',').map((item) => {
    const size = Number(item);
    if (/^\s*\d+\s*$/.test(item) && size >= 8 && size <= 4096) return size;
    throw new FixresRunnerError(
      'bad-option',
      `Option --sizes has "${item.trim()}"; allowed are sizes from 8 to 4096 pixels, for example 96,128,160.`,
    );
  });
  const repeated = sizes.find((size, i) => sizes.indexOf(size) !== i);
  if (repeated !== undefined)
    throw new FixresRunnerError('bad-option', `Option --sizes has ${repeated} twice.`);
  return sizes;
}
