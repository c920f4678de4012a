import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBenchCommand } from '../registration/bench-command.ts';
import { addCompletionCommand } from '../registration/completion-command.ts';
import { addDashboardCommand } from '../registration/dashboard-command.ts';
import { addDataCommands } from '../registration/data-commands.ts';
import { addDescribeCommand } from '../registration/describe-command.ts';
import { addDoctorCommand } from '../registration/doctor-command.ts';
import { addEvaluateCommand } from '../registration/evaluate-command.ts';
import { addExplainCommand } from '../registration/explain-command.ts';
import { addExportCommand } from '../registration/export-command.ts';
import { addImportCommand } from '../registration/import-command.ts';
import { addInitCommand } from '../registration/init-command.ts';
import { addLaunchCommand } from '../registration/launch-command.ts';
import { addLrCommand } from '../registration/lr-command.ts';
import { addModelsCommand } from '../registration/models-command.ts';
import { addPowerCommand } from '../registration/power-command.ts';
import { addPredictCommand } from '../registration/predict-command.ts';
import { addRenamedOptions } from '../options/renamed-options.ts';
import { addReportCommand } from '../registration/report-command.ts';
import { addReproduceCommand } from '../registration/reproduce-command.ts';
import { addResumeCommand } from '../registration/resume-command.ts';
import { addRunCommand } from '../registration/run-command.ts';
import { addRunsCommands } from '../registration/runs-commands.ts';
import { addSetupCommand } from '../registration/setup-command.ts';
import { addSweepCommand } from '../registration/sweep-command.ts';
import { addTrainingCommands } from '../registration/training-commands.ts';
import { addVerifyCommand } from '../registration/verify-command.ts';

/**
 * The command line. Registration loads little code: commands import their code when they run, and
 * names for options come from the packages' `names` entries, so that help, completion and usage
 * errors load no TensorFlow.js.
 */
export function createProgram(): Command {
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  const program = new Command('fixres')
    .description('Train image classifiers with the FixRes recipe (Touvron et al. 2019).')
    .version(version)
    .configureOutput({
      // One line, including suggestions ("Did you mean").
      outputError: (text, write) => write(`${text.trim().replaceAll(/\s*\n\s*/g, ' ')}\n`),
    })
    .configureHelp({ subcommandTerm })
    .hook('preAction', (_, command) => {
      refuseEmpty(command);
    })
    .exitOverride();

  program.commandsGroup('Run the FixRes experiment:');
  addReproduceCommand(program);
  addInitCommand(program);
  addRunCommand(program);
  addResumeCommand(program);
  addSweepCommand(program);

  program.commandsGroup('Set up this machine:');
  addSetupCommand(program);
  addDoctorCommand(program);
  addBenchCommand(program);
  addCompletionCommand(program);

  program.commandsGroup('Train and use one model:');
  addTrainingCommands(program);
  addLaunchCommand(program);
  addLrCommand(program);
  addEvaluateCommand(program);
  addPredictCommand(program);
  addDescribeCommand(program);

  program.commandsGroup('Inspect runs:');
  addRunsCommands(program);
  addExplainCommand(program);
  addPowerCommand(program);
  addReportCommand(program);
  addDashboardCommand(program);

  program.commandsGroup('Inspect a data set:');
  addDataCommands(program);

  program.commandsGroup('Import and export models:');
  addModelsCommand(program);
  addImportCommand(program);
  addExportCommand(program);
  addVerifyCommand(program);

  program.commandsGroup('Get help:');
  program.helpCommand(
    'help [command]',
    'Show help and examples for a command, like <command> --help.',
  );
  addRenamedOptions(program);
  return program;
}

/**
 * How help lists a command: only its name; its arguments and options are in the command's own help.
 */
function subcommandTerm(command: Command): string {
  return [command.name(), command.commands.map((each) => each.name()).join('|')]
    .filter((word) => word !== '')
    .join(' ');
}

/**
 * Refuses empty options and arguments, which result from unset shell variables: `--out ''` names no
 * folder. Call it after the command's values are parsed.
 */
function refuseEmpty(command: Command): void {
  for (const [i, argument] of command.registeredArguments.entries()) {
    if ([command.processedArgs[i]].flat().includes(''))
      command.error(`error: argument '${argument.name()}' is empty.`);
  }
  for (const option of command.options) {
    const isGiven = command.getOptionValueSource(option.attributeName()) === 'cli';
    const value: unknown = command.getOptionValue(option.attributeName());
    if (isGiven && [value].flat().includes(''))
      command.error(`error: option '${option.flags}' is empty.`);
  }
}
