import type { Command } from 'commander';
import type { ResumeOptions } from '../commands/resume.ts';
import { withClusterOptions } from '../options/cluster-options.ts';
import { withRunOutput } from '../options/common-options.ts';

/** Adds `resume`. */
export function addResumeCommand(program: Command): void {
  const resumeCommand = program
    .command('resume')
    .description('Resume a run that was interrupted, crashed or failed.')
    .argument('<folder>', 'run folder')
    .option(
      '--data <dataset>',
      'new path of the data set, if it was moved; the images must be the same',
    );
  withRunOutput(withClusterOptions(resumeCommand))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres resume runs/tf_flowers-quick-20261101-120000\n  fixres resume runs/photos --data /new/place/photos',
    )
    .action(async (folder: string, options: ResumeOptions) => {
      const { resume } = await import('../commands/resume.ts');
      await resume(folder, options);
    });
}
