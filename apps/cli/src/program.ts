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
      'Run the FixRes experiment: train small, fine-tune larger, and compare fairly with training large from scratch.',
    )
    .summary('Run the experiment: train small, fine-tune larger, compare fairly.')
    .argument('<dataset>', DATASET)
    .addOption(
      new Option(
        '--preset <name>',
        'quick: minutes on two cores; keras: the Keras example; paper: as its authors train; matched: large size from the planner',
      )
        .choices(presetNames)
        .default('quick'),
    );
  reproduceCommand.option(
    '--arms <names>',
    `only these of ${fixresArms.join(', ')}; separated by commas`,
  );
  withRunOptions(withFixresOptions(reproduceCommand), 'runs/<dataset>-<preset>-<time>')
    .addHelpText(
      'after',
      '\nExamples:\n  fixres reproduce synthetic\n  fixres reproduce tf_flowers --preset keras --seeds 3\n  fixres reproduce photos/ --small 96 --large 160 --json > result.json',
    )
    .action(async (dataset: string, options: ReproduceOptions) => {
      const { reproduce } = await import('./commands/reproduce.ts');
      await reproduce(dataset, options);
    });

  addInitCommand(program);

  const runCommand = program
    .command('run')
    .description('Run the experiment that a file describes: arms, or a grid of sizes and policies.')
    .summary('Run the experiment that a file describes.')
    .argument('<file>', 'experiment, YAML or JSON')
    .option('--seeds <n>', 'number of runs with different seeds', whole(settingRanges.seedCount))
    .option('--limit <images>', 'use only this many images', whole(settingRanges.images))
    .addOption(engineNameOption())
    .addOption(deviceNameOption())
    .option('--deterministic', 'compute the same bits in every run on this machine; slower')
    .option('--out <folder>', 'run folder, by default runs/<dataset>-<file>-<time>');
  withRunOutput(withDiskCache(withDatasetOptions(runCommand)))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres run experiment.yaml\n  fixres run experiment.yaml --seeds 3 --out runs/three-seeds\n  fixres run experiment.yaml --ndjson > events.jsonl',
    )
    .action(async (file: string, options: RunCommandOptions) => {
      const { run } = await import('./commands/run.ts');
      await run(file, options);
    });

  const resumeCommand = program
    .command('resume')
    .description('Continue a run that was interrupted, failed or killed.')
    .argument('<folder>', 'the run folder')
    .option(
      '--data <dataset>',
      'where the images are now, if they were moved; they must be the same',
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
    .description('Install the native TensorFlow engine, or say what is missing.')
    .option('--gpu', "install the CUDA build of TensorFlow with NVIDIA's libraries")
    .option('--clean', 'remove every engine of earlier set-ups first')
    .addOption(
      new Option(
        '--from <folder>',
        'take everything from a folder that --download has filled, nothing from the network',
      ).conflicts('download'),
    )
    .addOption(
      new Option(
        '--download <folder>',
        'fill a folder for a machine without network, and install nothing',
      ).conflicts(['clean', 'from']),
    )
    .addOption(
      new Option(
        '--platform <name>',
        'with --download: the machine it is for, by default this one',
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
    .description('Show what this machine computes with, and what would make it faster.')
    .summary('Show what computes here, and what would make it faster.')
    .addOption(jsonOption('the report'))
    .addHelpText('after', '\nExamples:\n  fixres doctor\n  fixres doctor --json')
    .action(async (options: { json?: boolean }) => {
      const { doctor } = await import('./commands/doctor.ts');
      await doctor(options);
    });

  program
    .command('completion')
    .description('Print a script with which the shell completes commands, options and values.')
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

  program.commandsGroup('Look at runs:');
  addRunsCommands(program);
  addReportCommand(program);
  addDashboardCommand(program);

  program.commandsGroup('Look at a data set:');
  addDataCommands(program);

  program.commandsGroup('Exchange models with other programs:');
  addImportCommand(program);
  addExportCommand(program);

  program.commandsGroup('Get help:');
  program.helpCommand(
    'help [command]',
    'Explain a command and show examples, as <command> --help does.',
  );
  return program;
}

/** How help lists a command: by its words alone; arguments and options are in the command's own help. */
function subcommandTerm(command: Command): string {
  return [command.name(), command.commands.map((each) => each.name()).join('|')]
    .filter((word) => word !== '')
    .join(' ');
}
