import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { PowerCommandOptions } from '../commands/power.ts';
import { jsonOption } from '../options/common-options.ts';
import { count, listOption, part, positive, wholeList } from '../options/option-types.ts';

/** Adds `power`. */
export function addPowerCommand(program: Command): void {
  program
    .command('power')
    .description(
      'Compute before training which difference a number of held-out images and seeds can show, or how many a difference needs.',
    )
    .summary('Compute how many images and seeds a difference needs.')
    .argument('[run]', 'run folder whose arms show how much predictions differ')
    .addOption(
      listOption(
        '--arms <names>',
        'the two arms of the run to compare (default: its first comparison)',
      ),
    )
    .option(
      '--test-policy <key>',
      "test policy for both arms, <policy>@<size>, or own: each arm's own (default: that of the comparison)",
    )
    .option('--difference <points>', 'true difference to find, in percentage points', positive(100))
    .option(
      '--images <list>',
      "numbers of held-out images, separated by commas (default: the run's)",
      wholeList(settingRanges.images),
    )
    .option(
      '--seed-counts <list>',
      'numbers of seeds, separated by commas (default: 1,2,3,5,10)',
      wholeList(settingRanges.seedCount),
    )
    .option(
      '--discordance <part>',
      'fraction of the images on which only one of the arms is correct, without a run',
      part,
    )
    .option(
      '--seed-deviation <points>',
      'standard deviation of the difference between seeds, in percentage points (default: from the run, or 0)',
      positive(100),
    )
    .option(
      '--comparisons <n>',
      "number of comparisons in Holm's correction (default: the run's, or 1)",
      count,
    )
    .option('--power <part>', 'probability of finding the difference', part, 0.8)
    .addOption(jsonOption('the result'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres power runs/flowers --arms fixres,vanilla --difference 2\n  fixres power --discordance 0.2 --images 367,1000 --seed-deviation 1.5 --comparisons 6\n' +
        '  fixres power --discordance 0.2 --difference 3 --json',
    )
    .action(async (run: string | undefined, options: PowerCommandOptions) => {
      const { power } = await import('../commands/power.ts');
      await power(run, options);
    });
}
