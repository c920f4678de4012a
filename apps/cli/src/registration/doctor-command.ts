import type { Command } from 'commander';
import type { DoctorOptions } from '../commands/doctor.ts';
import { whole } from '../options/option-types.ts';
import { jsonOption } from '../options/common-options.ts';

/** Adds `doctor`. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Show the engine and hardware of this machine, and how to make it faster.')
    .summary('Show engine and hardware, and how to make them faster.')
    .option(
      '--cluster [addresses]',
      'check instead whether several processes can train together; run it in each, as the training (default: as TF_CONFIG or a step of Slurm says)',
    )
    .option(
      '--rank <n>',
      'with --cluster and addresses: number of this process, from 0',
      whole({ low: 0, high: 4095 }),
    )
    .option(
      '--data <dataset>',
      'with --cluster: data set that all processes must have; ids, classes and lengths of its images are compared',
    )
    .addOption(jsonOption('the report'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres doctor\n  fixres doctor --json\n  fixres doctor --cluster n1:8888,n2:8888 --rank 1',
    )
    .action(async (options: DoctorOptions) => {
      const { doctor } = await import('../commands/doctor.ts');
      await doctor(options);
    });
}
