import { presetNames, settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { InitOptions } from '../commands/init.ts';
import { DATASET, jsonOption } from '../options/common-options.ts';
import { withFixresOptions } from '../options/fixres-options.ts';
import { part, whole } from '../options/option-types.ts';

/** Adds `init`. */
export function addInitCommand(program: Command): void {
  const command = program
    .command('init')
    .description(
      'Write a commented experiment file. On a terminal, it asks for settings without an option.',
    )
    .summary('Ask a few questions and write an experiment file.')
    .argument('[file]', 'the file', 'experiment.yaml')
    .option('--dataset <dataset>', DATASET)
    .addOption(new Option('--preset <name>', 'preset (default: quick)').choices(presetNames));
  withFixresOptions(command)
    .option('--limit <images>', 'use only this number of images', whole(settingRanges.images))
    .option('--held-out <part>', 'fraction of the images to hold out (default: 0.1)', part)
    .option('--yes', 'do not ask; use defaults for settings without an option')
    .option('--force', 'overwrite an existing file')
    .addOption(jsonOption("the file's name and the experiment"))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres init\n  fixres init flowers.yaml --dataset tf_flowers --preset keras --seed-count 3 --yes\n' +
        '  fixres init small.yaml --dataset synthetic --small 32 --large 48 --epochs 2 --finetune-epochs 1 --yes --force',
    )
    .action(async (file: string, options: InitOptions) => {
      const { init } = await import('../commands/init.ts');
      await init(file, options);
    });
}
