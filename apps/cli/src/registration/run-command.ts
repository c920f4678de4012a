import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { RunCommandOptions } from '../plans/run-plan.ts';
import {
  deviceNameOption,
  engineNameOption,
  decodeOption,
  memoryOption,
  withDatasetOptions,
  withDiskCache,
  withLeakOptions,
  withRunOutput,
} from '../options/common-options.ts';
import { withClusterOptions, withClusterSettings } from '../options/cluster-options.ts';
import { listOption, whole } from '../options/option-types.ts';
import { withSeedOptions } from '../options/seed-options.ts';
import { withSpecificationOptions } from '../training-choice/training-choice-options.ts';

/** Adds `run`. */
export function addRunCommand(program: Command): void {
  const runCommand = program
    .command('run')
    .description('Run the experiment in a file: arms, a preset, or a grid of sizes and policies.')
    .summary('Run the experiment in a file.')
    .argument('<file>', 'experiment, YAML or JSON')
    .option('--limit <images>', 'use only this number of images', whole(settingRanges.images))
    .addOption(engineNameOption())
    .addOption(deviceNameOption())
    .addOption(memoryOption("the file's, else no maximum"))
    .option(
      '--deterministic',
      'give the same result to the bit in every run on this machine (slower)',
    )
    .option('--out <folder>', 'run folder (default: runs/<dataset>-<file>-<time>)');
  runCommand.addOption(
    listOption(
      '--only <trials>',
      'run only these trials, separated by commas; a trial is an arm from scratch, the arms initialised from it, and a seed: small@0',
    ),
  );
  withSpecificationOptions(withSeedOptions(runCommand, "the file's"));
  runCommand.addOption(decodeOption("the file's, or the initial model's"));
  withClusterSettings(withClusterOptions(withLeakOptions(runCommand)));
  withRunOutput(withDiskCache(withDatasetOptions(runCommand)))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres run experiment.yaml\n  fixres run experiment.yaml --seed-count 3 --out runs/three-seeds\n  fixres run experiment.yaml --set batchSize=64 --dry-run\n  fixres run experiment.yaml --only small@0 --out runs/first-seed\n  fixres run experiment.yaml --ndjson > events.jsonl',
    )
    .action(async (file: string, options: RunCommandOptions) => {
      const { run } = await import('../commands/run.ts');
      await run(file, options);
    });
}
