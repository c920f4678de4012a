import { allowedBy, isWithin, settingRanges } from '@fixres/runs/names';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { whole } from './option-types.ts';

/** Adds `--seeds` and `--seed-count`. @param otherwise the default number of seeds, in words */
export function withSeedOptions(command: Command, otherwise: string): Command {
  return command
    .addOption(
      new Option('--seeds <list>', 'seeds, separated by commas; each arm is trained once per seed')
        .argParser(seedList)
        .conflicts('seedCount'),
    )
    .option(
      '--seed-count <n>',
      `number of seeds, which are then 0, 1, 2 and so on (default: ${otherwise})`,
      whole(settingRanges.seedCount),
    );
}

/** A single number is a number of seeds, as in earlier versions; `3,` is a list with seed 3. */
function seedList(text: string): number[] | number {
  const words = text.trim().replace(/,$/, '').split(',');
  const isCount = words.length === 1 && !text.includes(',');
  const range = isCount ? settingRanges.seedCount : settingRanges.seed;
  const seeds = words.map((word) => (/^\d+$/.test(word.trim()) ? Number(word) : NaN));
  if (!seeds.every((seed) => isWithin(seed, range)))
    throw new InvalidArgumentError(
      isCount
        ? `It must be a list of seeds, or in the way of earlier versions their number, ${allowedBy(range)}.`
        : `It must be a list of seeds, separated by commas; each is ${allowedBy(range)}.`,
    );
  if (new Set(seeds).size < seeds.length) throw new InvalidArgumentError('Seeds must differ.');
  if (!isCount) return seeds;
  process.stderr.write(
    `--seeds ${text.trim()} is now written --seed-count ${text.trim()}; --seeds takes a list.\n`,
  );
  return seeds[0]!;
}
