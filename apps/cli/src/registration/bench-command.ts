import { benchDefaults } from '../api/defaults.ts';
import { fixresArms, presetNames, settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { BenchOptions } from '../commands/bench.ts';
import {
  DATASET,
  decodeOption,
  deviceNameOption,
  engineNameOption,
  jsonOption,
  quietOption,
  withDatasetOptions,
  withDiskCache,
} from '../options/common-options.ts';
import { withFixresOptions } from '../options/fixres-options.ts';
import { positive, whole } from '../options/option-types.ts';

/** Adds `bench`. */
export function addBenchCommand(program: Command): void {
  const benchCommand = program
    .command('bench')
    .description(
      'Measure how fast an experiment runs on this machine: training, fine-tuning, evaluation and reading images. Estimate the time of the whole experiment, show what limits it, and what would make it faster. Takes about two minutes with the native engine and writes no run folder.',
    )
    .summary('Measure the speed of an experiment on this machine.')
    .argument('[file]', "experiment, YAML or JSON (default: the preset's experiment)")
    .addOption(
      new Option(
        '--preset <name>',
        `experiment to measure without a file (default: ${benchDefaults.preset})`,
      ).choices(presetNames),
    )
    .option('--dataset <dataset>', `${DATASET} (default: ${benchDefaults.dataset})`)
    .option(
      '--images <n>',
      'number of images to estimate for (default: those of the data set)',
      whole({ ...settingRanges.images, low: 2 }),
    )
    .addOption(
      new Option(
        '--seconds <n>',
        'seconds to measure for; a slow engine takes longer, because each part runs once',
      )
        .argParser(positive(3600))
        .default(benchDefaults.seconds),
    )
    .option('--arms <names>', `only these arms, separated by commas: ${fixresArms.join(', ')}`)
    .addOption(
      new Option(
        '--precision <name>',
        "arithmetic of the training step (default: the file's, or float32)",
      ).choices(['auto', 'float32', 'bfloat16']),
    );
  withFixresOptions(benchCommand)
    .addOption(engineNameOption())
    .addOption(deviceNameOption())
    .addOption(decodeOption("accurate, or the file's"));
  withDiskCache(withDatasetOptions(benchCommand))
    .addOption(jsonOption('the measurements'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres bench\n  fixres bench --preset keras --dataset photos/\n  fixres bench --model resnet50v2 --small 128 --large 224 --epochs 30 --images 50000\n  fixres bench experiment.yaml --json',
    )
    .action(async (file: string | undefined, options: BenchOptions) => {
      const { bench } = await import('../commands/bench.ts');
      await bench(file, options);
    });
}
