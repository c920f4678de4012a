import type { Command } from 'commander';
import { jsonOption } from '../options/common-options.ts';

/** Adds `doctor`. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Show the engine and hardware of this machine, and how to make it faster.')
    .summary('Show engine and hardware, and how to make them faster.')
    .addOption(jsonOption('the report'))
    .addHelpText('after', '\nExamples:\n  fixres doctor\n  fixres doctor --json')
    .action(async (options: { json?: boolean }) => {
      const { doctor } = await import('../commands/doctor.ts');
      await doctor(options);
    });
}
