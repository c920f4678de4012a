import { readFileSync } from 'node:fs';
import { enginePlatforms } from '@fixres/engine/names';
import { fixresArms, presetNames, settingRanges } from '@fixres/runs/names';
import { Argument, Command, Option } from 'commander';
import type { Shell } from './commands/completion.ts';
import type { ReproduceOptions } from './commands/reproduce.ts';
import type { ResumeOptions } from './commands/resume.ts';
import type { RunCommandOptions } from './commands/run.ts';
import type { SetupCommandOptions } from './commands/setup.ts';
import {
  DATASET,
  deviceNameOption,
  engineNameOption,
  jsonOption,
  withDatasetOptions,
  withDiskCache,
  withRunOptions,
  withRunOutput,
} from './common-options.ts';
import { addDashboardCommand } from './dashboard-command.ts';
import { addDataCommands } from './data-commands.ts';
import { addDescribeCommand } from './describe-command.ts';
import { addEvaluateCommand } from './evaluate-command.ts';
import { addExportCommand } from './export-command.ts';
import { withFixresOptions } from './fixres-options.ts';
import { addImportCommand } from './import-command.ts';
import { addRunsCommands } from './runs-commands.ts';
import { addInitCommand } from './init-command.ts';
import { addPredictCommand } from './predict-command.ts';
import { addReportCommand } from './report-command.ts';
import { addTrainingCommands } from './training-commands.ts';
import { whole } from './option-types.ts';
import { refuseEmpty } from './refuse-empty.ts';
import { addRenamedOptions } from './renamed-options.ts';
import { withSeedOptions } from './seed-options.ts';
import {
  withSpecificationOptions,
  withTrainingChoice,
} from './training-choice/training-choice-options.ts';

/**
 * The command line. What is registered here is light: commands import their code when they run, and names that options allow come from
 * the packages' `names` entries, so that help, completion and errors of usage load no TensorFlow.js.
 */
export function createProgram(): Command {
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  const program = new Command('fixres')
    .description('Train image classifiers with the FixRes recipe (Touvron et al. 2019).')
    .version(version)
    .configureOutput({
      // One line, suggestions ("Did you mean") included.
      outputError: (text, write) => write(`${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`),
    })
    .configureHelp({ subcommandTerm })
    .hook('preAction', (_, command) => {
      refuseEmpty(command);
    })
    .exitOverride();

  program.commandsGroup('Run the FixRes experiment:');
  const reproduceCommand = program
    .command('reproduce')
    .description(
      'Run the FixRes experiment: train at a small size, fine-tune at a larger one, and compare with training at the large size from scratch.',
    )
    .summary('Run the FixRes experiment on a data set.')
    .argument('<dataset>', DATASET)
    .addOption(
      new Option(
        '--preset <name>',
        'quick: minutes on two cores; keras: the Keras example; paper: the settings of the FixRes authors; matched: large size from the planner',
      )
        .choices(presetNames)
        .default('quick'),
    );
  reproduceCommand.option(
    '--arms <names>',
    `run only these arms, separated by commas: ${fixresArms.join(', ')}`,
  );
  withFixresOptions(reproduceCommand).option(
    '--train-policy <name>',
    "train policy of the arms from scratch (default: the preset's)",
  );
  withTrainingChoice(reproduceCommand, {
    optimizer: "the preset's",
    learningRate:
      "the preset's; of arms from scratch, like --schedule, --warm-up, --early-stopping",
    schedule: "the preset's",
  });
  withRunOptions(withSpecificationOptions(reproduceCommand), 'runs/<dataset>-<preset>-<time>')
    .addHelpText(
      'after',
      '\nExamples:\n  fixres reproduce synthetic\n  fixres reproduce tf_flowers --preset keras --seed-count 3\n  fixres reproduce photos/ --small 96 --large 160 --json > result.json\n  fixres reproduce synthetic --optimizer sgd --set arms.fixres.schedule.rate=1e-4 --dry-run',
    )
    .action(async (dataset: string, options: ReproduceOptions) => {
      const { reproduce } = await import('./commands/reproduce.ts');
      await reproduce(dataset, options);
    });

  addInitCommand(program);

  const runCommand = program
    .command('run')
    .description('Run the experiment in a file: arms, a preset, or a grid of sizes and policies.')
    .summary('Run the experiment in a file.')
    .argument('<file>', 'experiment, YAML or JSON')
    .option('--limit <images>', 'use only this number of images', whole(settingRanges.images))
    .addOption(engineNameOption())
    .addOption(deviceNameOption())
    .option(
      '--deterministic',
      'give the same result to the bit in every run on this machine (slower)',
    )
    .option('--out <folder>', 'run folder (default: runs/<dataset>-<file>-<time>)');
  withSpecificationOptions(withSeedOptions(runCommand, "the file's"));
  withRunOutput(withDiskCache(withDatasetOptions(runCommand)))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres run experiment.yaml\n  fixres run experiment.yaml --seed-count 3 --out runs/three-seeds\n  fixres run experiment.yaml --set batchSize=64 --dry-run\n  fixres run experiment.yaml --ndjson > events.jsonl',
    )
    .action(async (file: string, options: RunCommandOptions) => {
      const { run } = await import('./commands/run.ts');
      await run(file, options);
    });

  const resumeCommand = program
    .command('resume')
    .description('Resume a run that was interrupted, crashed or failed.')
    .argument('<folder>', 'run folder')
    .option(
      '--data <dataset>',
      'new path of the data set, if it was moved; the images must be the same',
    );
  withRunOutput(resumeCommand)
    .addHelpText(
      'after',
      '\nExamples:\n  fixres resume runs/tf_flowers-quick-20261101-120000\n  fixres resume runs/photos --data /new/place/photos',
    )
    .action(async (folder: string, options: ResumeOptions) => {
      const { resume } = await import('./commands/resume.ts');
      await resume(folder, options);
    });

  program.commandsGroup('Set up this machine:');
  program
    .command('setup')
    .description('Install the native TensorFlow engine, or report what is missing.')
    .option('--gpu', "install the CUDA build of TensorFlow with NVIDIA's libraries")
    .option('--clean', 'remove all engines of earlier setups first')
    .addOption(
      new Option(
        '--from <folder>',
        'install from a folder filled by --download, without network',
      ).conflicts('download'),
    )
    .addOption(
      new Option(
        '--download <folder>',
        'download the files for a machine without network into this folder; install nothing',
      ).conflicts(['clean', 'from']),
    )
    .addOption(
      new Option(
        '--platform <name>',
        "with --download: target platform (default: this machine's)",
      ).choices(enginePlatforms),
    )
    .addOption(jsonOption('the result'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres setup\n  fixres setup --gpu\n  fixres setup --download engine-files --platform linux-x64\n  fixres setup --from engine-files',
    )
    .action(async (options: SetupCommandOptions) => {
      const { setup } = await import('./commands/setup.ts');
      await setup(options);
    });

  program
    .command('doctor')
    .description('Show the engine and hardware of this machine, and how to make it faster.')
    .summary('Show engine and hardware, and how to make them faster.')
    .addOption(jsonOption('the report'))
    .addHelpText('after', '\nExamples:\n  fixres doctor\n  fixres doctor --json')
    .action(async (options: { json?: boolean }) => {
      const { doctor } = await import('./commands/doctor.ts');
      await doctor(options);
    });

  program
    .command('completion')
    .description('Print a shell script that completes commands, options and values.')
    .summary('Print a script for tab completion in bash, zsh or fish.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres completion bash > ~/.local/share/bash-completion/completions/fixres\n' +
        '  fixres completion zsh > ~/.zfunc/_fixres\n  fixres completion fish > ~/.config/fish/completions/fixres.fish',
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('./commands/completion.ts');
      completion(shell, program);
    });

  program.commandsGroup('Train and use one model:');
  addTrainingCommands(program);
  addEvaluateCommand(program);
  addPredictCommand(program);
  addDescribeCommand(program);

  program.commandsGroup('Inspect runs:');
  addRunsCommands(program);
  addReportCommand(program);
  addDashboardCommand(program);

  program.commandsGroup('Inspect a data set:');
  addDataCommands(program);

  program.commandsGroup('Import and export models:');
  addImportCommand(program);
  addExportCommand(program);

  program.commandsGroup('Get help:');
  program.helpCommand(
    'help [command]',
    'Show help and examples for a command, like <command> --help.',
  );
  addRenamedOptions(program);
  return program;
}

/** How help lists a command: by its words alone; arguments and options are in the command's own help. */
function subcommandTerm(command: Command): string {
  return [command.name(), command.commands.map((each) => each.name()).join('|')]
    .filter((word) => word !== '')
    .join(' ');
}
