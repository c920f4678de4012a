import { freezePolicyNames } from '@fixres/finetune/names';
import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { FinetuneOptions } from '../plans/finetune-plan.ts';
import type { TrainOptions } from '../plans/train-plan.ts';
import { finetuneDefaults, trainDefaults } from '../api/defaults.ts';
import {
  armOption,
  DATASET,
  MODEL,
  modelOption,
  seedOption,
  withNormOptions,
  withRunOptions,
} from '../options/common-options.ts';
import { imageSize, whole } from '../options/option-types.ts';
import { withSeedOptions } from '../options/seed-options.ts';
import {
  withRecipe,
  withSpecificationOptions,
  withTrainingChoice,
} from '../training-choice/training-choice-options.ts';

/** Adds `train` and `finetune`. */
export function addTrainingCommands(program: Command): void {
  const trainCommand = program
    .command('train')
    .description('Train a model from scratch, or initialised from a trained one.')
    .summary('Train a model.')
    .argument('<dataset>', DATASET);
  withTrainedModel(trainCommand).option(
    '--epochs <n>',
    'epochs',
    whole(settingRanges.epochs),
    trainDefaults.epochs,
  );
  withRecipe(withTrainingOptions(trainCommand, trainDefaults))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres train photos/ --model resnet14v2 --image-size 96 --epochs 20 --out runs/photos-96\n  fixres train tf_flowers --json > result.json\n  fixres train photos/ --optimizer sgd --momentum 0.9 --learning-rate 0.1 --schedule cosine --warm-up 1 --ema\n  fixres train photos/ --init-from runs/photos-96 --image-size 96 --epochs 10 --out runs/photos-96-longer',
    )
    .action(async (dataset: string, options: TrainOptions) => {
      const { train } = await import('../commands/train.ts');
      await train(dataset, options);
    });

  const finetuneCommand = program
    .command('finetune')
    .description(
      'Fine-tune a trained model, for example at a larger size, and verify that frozen layers did not change.',
    )
    .summary('Fine-tune a trained model, for example at a larger size.')
    .argument('<model|run>', MODEL)
    .argument('<dataset>', DATASET)
    .option(
      '--image-size <pixels>',
      "image size for fine-tuning, or height x width (default: the model's)",
      imageSize(settingRanges.side),
    )
    .addOption(
      new Option('--freeze <name>', 'freeze policy: which layers train')
        .choices(freezePolicyNames)
        .default(finetuneDefaults.freeze),
    )
    .option(
      '--train-policy <name>',
      'train policy (default: the test policy with a random horizontal flip)',
    )
    .option(
      '--test-policy <name>',
      "test policy (default: fixresTest at a larger size, otherwise the model's)",
    )
    .option(
      '--train-size <pixels>',
      'size at which the model was trained (known for runs and models with a card)',
      imageSize(settingRanges.side),
    )
    .option(
      '--new-classifier',
      "start with a new classifier (automatic if the classes differ from the model's)",
    )
    .option(
      '--epochs <n>',
      'epochs (default: 10; 0 with bn-recalibrate)',
      whole({ ...settingRanges.epochs, low: 0 }),
    )
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(
      new Option(
        '--feature-cache <mode>',
        'auto: cache the features of frozen layers if the result is the same; off: run them in every epoch',
      )
        .choices(['auto', 'off'])
        .default(finetuneDefaults.featureCache),
    )
    .addOption(
      new Option(
        '--feature-precision <bits>',
        'precision of cached features; half needs half the space and is not exact',
      )
        .choices(['full', 'half'])
        .default(finetuneDefaults.featurePrecision),
    )
    .option(
      '--feature-memory <megabytes>',
      'maximum memory for cached features in MB, then disk (default: half of the free memory)',
      whole({ low: 0, high: Number.MAX_SAFE_INTEGER }),
    );
  withTrainingOptions(finetuneCommand, finetuneDefaults)
    .addHelpText(
      'after',
      '\nExamples:\n  fixres finetune runs/photos-128 photos/ --image-size 224\n  fixres finetune my-model/ photos/ --image-size 160 --freeze classifier+last-bn-stats --epochs 5 --out runs/tuned',
    )
    .action(async (place: string, dataset: string, options: FinetuneOptions) => {
      const { finetune } = await import('../commands/finetune.ts');
      await finetune(place, dataset, options);
    });
}

/**
 * Adds the options of the model that `train` trains, and of its images.
 *
 * @param arm what `--arm` selects, in words
 */
export function withTrainedModel(
  command: Command,
  arm = 'with --init-from: arm of the run, if it has several',
): Command {
  return command
    .addOption(modelOption('--model <name>', 'architecture').default(trainDefaults.model))
    .option(
      '--width <channels>',
      'channels of the stem; scales all layers (default: the published width)',
      whole(settingRanges.width),
    )
    .addOption(
      new Option(
        '--init-from <model|run>',
        'initialise from the weights of a model folder or a run; the optimiser starts fresh',
      ).conflicts(['model', 'width']),
    )
    .option('--arm <name>', arm)
    .option(
      '--seed <n>',
      'with --init-from: seed of the run, if it has several (default: the lowest)',
      whole(settingRanges.seed),
    )
    .option(
      '--image-size <pixels>',
      'train image size, or height x width: 192x256',
      imageSize(settingRanges.modelSide),
      trainDefaults.imageSize,
    )
    .option('--train-policy <name>', 'train policy', trainDefaults.trainPolicy)
    .option('--test-policy <name>', 'test policy', trainDefaults.testPolicy);
}

function withTrainingOptions(
  command: Command,
  { batchSize, learningRate }: { batchSize: number; learningRate: number },
): Command {
  command.option('--batch-size <images>', 'batch size', whole(settingRanges.batchSize), batchSize);
  withTrainingChoice(command, { optimizer: 'adam', learningRate, schedule: 'constant' });
  withSpecificationOptions(withSeedOptions(command, '1'));
  return withRunOptions(withNormOptions(command, 'precise'), 'runs/<dataset>-<what>-<time>');
}
