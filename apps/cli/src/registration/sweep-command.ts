import { halvingResources, promotions, settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { SweepCollectOptions } from '../commands/sweep-collect.ts';
import type { SweepStartOptions } from '../commands/sweep-start.ts';
import type { SweepTrialOptions } from '../commands/sweep-trial.ts';
import {
  decodeOption,
  deviceNameOption,
  engineNameOption,
  jsonOption,
  quietOption,
  withDatasetOptions,
} from '../options/common-options.ts';
import { count, whole } from '../options/option-types.ts';
import { withSeedOptions } from '../options/seed-options.ts';
import { sweepBackends } from '../sweep/backend-names.ts';
import { withSpecificationOptions } from '../training-choice/training-choice-options.ts';

/** Adds `sweep` and its subcommands. */
export function addSweepCommand(program: Command): void {
  const sweep = program
    .command('sweep')
    .description(
      'Run the trials of an experiment as separate jobs, on this machine or on a cluster, and collect them as one run.',
    )
    .summary('Run the arms and seeds of an experiment as jobs of a cluster.');
  addStart(sweep);

  sweep
    .command('status')
    .description('Show how far the trials of a sweep are.')
    .argument('<folder>', 'folder of the sweep')
    .addOption(jsonOption('the trials'))
    .addHelpText('after', '\nExamples:\n  fixres sweep status sweeps/flowers')
    .action(async (folder: string, options: { json?: boolean }) => {
      const { sweepStatus } = await import('../commands/sweep-status.ts');
      await sweepStatus(folder, options);
    });

  sweep
    .command('collect')
    .description('Make one run of the finished trials of a sweep, as if it had run everything.')
    .argument('<folder>', 'folder of the sweep')
    .option('--out <folder>', 'run folder (default: run in the folder of the sweep)')
    .option('--data <dataset>', 'path of the data set, if it is another one on this machine')
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres sweep collect sweeps/flowers\n  fixres sweep collect sweeps/flowers --out runs/flowers --json',
    )
    .action(async (folder: string, options: SweepCollectOptions) => {
      const { sweepCollect } = await import('../commands/sweep-collect.ts');
      await sweepCollect(folder, options);
    });

  sweep
    .command('cancel')
    .description('Interrupt the running trials of a sweep, and remove those that wait.')
    .argument('<folder>', 'folder of the sweep')
    .addOption(jsonOption('the cancelled trials'))
    .addHelpText('after', '\nExamples:\n  fixres sweep cancel sweeps/flowers')
    .action(async (folder: string, options: { json?: boolean }) => {
      const { sweepCancel } = await import('../commands/sweep-cancel.ts');
      await sweepCancel(folder, options);
    });

  sweep
    .command('resume')
    .description(
      'Submit the trials of a sweep that have no result again, as they were submitted last.',
    )
    .argument('<folder>', 'folder of the sweep')
    .addOption(jsonOption('the trials'))
    .addOption(quietOption())
    .addHelpText('after', '\nExamples:\n  fixres sweep resume sweeps/flowers')
    .action(async (folder: string, options: { json?: boolean; quiet?: boolean }) => {
      const { sweepResume } = await import('../commands/sweep-resume.ts');
      await sweepResume(folder, options);
    });

  sweep
    .command('trial')
    .description('Run or resume one trial of a sweep. The jobs of a sweep run this command.')
    .argument('<folder>', 'folder of the sweep')
    .argument('<trial...>', 'the trial, or several, of which the index of the job selects one')
    .option(
      '--until-epoch <n>',
      'with --halving epochs: pause the trial after this number of epochs',
      whole(settingRanges.epochs),
    )
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText('after', '\nExamples:\n  fixres sweep trial sweeps/flowers small@0')
    .action(async (folder: string, trials: string[], options: SweepTrialOptions) => {
      const { sweepTrial } = await import('../commands/sweep-trial.ts');
      await sweepTrial(folder, trials, options);
    });

  sweep
    .command('work')
    .description(
      'Run the trials of a sweep with --halving epochs one after another, as one of its workers. The jobs of such a sweep run this command.',
    )
    .summary('Run trials one after another, as the jobs of --halving epochs do.')
    .argument('<folder>', 'folder of the sweep')
    .argument('<worker...>', 'the worker, or several, of which the index of the job selects one')
    .addOption(jsonOption('the trials'))
    .addOption(quietOption())
    .addHelpText('after', '\nExamples:\n  fixres sweep work sweeps/choice fixres-1a2b3c4d.0')
    .action(
      async (folder: string, workers: string[], options: { json?: boolean; quiet?: boolean }) => {
        const { sweepWork } = await import('../commands/sweep-work.ts');
        await sweepWork(folder, workers, options);
      },
    );
}

function addStart(sweep: Command): void {
  const start = sweep
    .command('start')
    .description(
      'Start the trials of an experiment: each arm from scratch with the arms initialised from it, with each seed. Started again, it submits the trials without a result.',
    )
    .summary('Start the trials of an experiment, or those without a result.')
    .argument('<file>', 'experiment, YAML or JSON')
    .requiredOption('--out <folder>', 'folder of the sweep; on a cluster, on shared storage')
    .addOption(
      new Option('--on <backend>', 'where the trials run').choices(sweepBackends).default('local'),
    )
    .option('--max-parallel <trials>', 'maximum number of trials at a time (local: 1)', count)
    .option('--cpus <n>', 'CPU cores of each trial', count)
    .option('--gpus <n>', 'GPUs of each trial', count)
    .option(
      '--sbatch <option>',
      'option of sbatch for --on slurm, for example --sbatch=--partition=long; can be repeated',
      sbatchOption,
    )
    .option('--image <name>', 'container image with fixres for --on kubernetes')
    .option(
      '--claim <name:path>',
      'volume claim and where it is mounted for --on kubernetes; contains the sweep and the data set',
    )
    .option('--namespace <name>', 'namespace for --on kubernetes (default: that of kubectl)')
    .addOption(
      new Option(
        '--ray-address <url>',
        "Ray's dashboard for --on ray (default: http://127.0.0.1:8265)",
      ).env('RAY_API_SERVER_ADDRESS'),
    )
    .addOption(
      new Option(
        '--halving <resource>',
        'choose among the arms by successive halving: train all with few epochs or one seed, about one in three with three times as many, and so on',
      ).choices(halvingResources),
    )
    .option(
      '--reduction <n>',
      'about one in n arms goes on, with n times the epochs or seeds (default: 3)',
      whole({ low: 2, high: 100 }),
    )
    .option('--survivors <n>', 'number of arms that --halving leaves (default: 2)', count)
    .option(
      '--baseline <arm>',
      'arm that those that are left are compared with in the end (default: the first)',
    )
    .option(
      '--min-epochs <n>',
      'minimum number of epochs before --halving epochs stops an arm (default: 1)',
      whole(settingRanges.epochs),
    )
    .addOption(
      new Option(
        '--promotion <when>',
        'when --halving epochs promotes arms: as soon as one is among the best so far, or when all of a rung are known (default: synchronous with one trial at a time, otherwise asynchronous)',
      ).choices(promotions),
    )
    .option('--program <path>', 'program that jobs start (default: this fixres)')
    .option('--limit <images>', 'use only this number of images', whole(settingRanges.images))
    .addOption(engineNameOption())
    .addOption(deviceNameOption())
    .option('--deterministic', 'give the same result to the bit as one run on such a machine');
  withDatasetOptions(withSeedOptions(start, "the file's"))
    .addOption(decodeOption("the file's, or the initial model's"))
    .addOption(jsonOption('the trials'))
    .addOption(quietOption());
  withSpecificationOptions(start)
    .addHelpText(
      'after',
      '\nExamples:\n  fixres sweep start experiment.yaml --out sweeps/flowers --seed-count 5 --max-parallel 2\n  fixres sweep start experiment.yaml --out /shared/flowers --on slurm --cpus 8 --sbatch=--time=4:00:00\n' +
        '  fixres sweep start experiment.yaml --out /shared/flowers --on slurm --dry-run\n' +
        '  fixres sweep start experiment.yaml --out sweeps/choice --halving epochs --survivors 2',
    )
    .action(async (file: string, options: SweepStartOptions) => {
      const { sweepStart } = await import('../commands/sweep-start.ts');
      await sweepStart(file, options);
    });
}

function sbatchOption(text: string, before: string[] = []): string[] {
  return [...before, text];
}
