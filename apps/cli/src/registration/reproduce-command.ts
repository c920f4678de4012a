import { reproduceDefaults } from '../api/defaults.ts';
import { fixresArms, presetNames } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { ReproduceOptions } from '../plans/reproduce-plan.ts';
import { DATASET, withRunOptions } from '../options/common-options.ts';
import { withFixresOptions } from '../options/fixres-options.ts';
import {
  withRecipe,
  withSpecificationOptions,
  withTrainingChoice,
} from '../training-choice/training-choice-options.ts';

/** Adds `reproduce`. */
export function addReproduceCommand(program: Command): void {
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
        .default(reproduceDefaults.preset),
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
  withRunOptions(
    withRecipe(withSpecificationOptions(reproduceCommand)),
    'runs/<dataset>-<preset>-<time>',
  )
    .addHelpText(
      'after',
      '\nExamples:\n  fixres reproduce synthetic\n  fixres reproduce tf_flowers --preset keras --seed-count 3\n  fixres reproduce photos/ --small 96 --large 160 --json > result.json\n  fixres reproduce synthetic --optimizer sgd --set arms.fixres.schedule.rate=1e-4 --dry-run',
    )
    .action(async (dataset: string, options: ReproduceOptions) => {
      const { reproduce } = await import('../commands/reproduce.ts');
      await reproduce(dataset, options);
    });
}
