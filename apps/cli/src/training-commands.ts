import { freezePolicyNames } from '@fixres/finetune/settings';
import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { FinetuneOptions } from './commands/finetune.ts';
import type { TrainOptions } from './commands/train.ts';
import { DATASET, modelOption, withNormOptions, withRunOptions } from './common-options.ts';
import { positive, whole } from './option-types.ts';

/** Adds `train` and `finetune`. */
export function addTrainingCommands(program: Command): void {
  const trainCommand = program
    .command('train')
    .description('Train a model from scratch, or further from where a trained one stands.')
    .summary('Train a model from scratch, or further.')
    .argument('<dataset>', DATASET)
    .addOption(modelOption('--model <name>', 'architecture').default('resnet50v2'))
    .option(
      '--width <channels>',
      'stem width of the model; by default the published one',
      whole(settingRanges.width),
    )
    .addOption(
      new Option(
        '--init-from <model|run>',
        'train on: begin with the weights of a model folder or a run, for --epochs more; the optimiser begins anew',
      ).conflicts(['model', 'width']),
    )
    .option('--arm <name>', 'with --init-from: arm of a run that has several')
    .option(
      '--seed <n>',
      'with --init-from: seed of a run that has several; by default the lowest',
      whole(settingRanges.seed),
    )
    .option('--size <pixels>', 'side of the images', whole(settingRanges.modelSide), 128)
    .option('--policy <name>', 'training images', 'sampledBoundingBoxCrop')
    .option('--test-policy <name>', 'test images', 'resize')
    .option('--epochs <n>', 'passes over the training images', whole(settingRanges.epochs), 30)
    .option('--learning-rate <rate>', 'learning rate of Adam', positive(), 1e-3);
  withTrainingOptions(trainCommand)
    .addHelpText(
      'after',
      '\nExamples:\n  fixres train photos/ --model resnet14v2 --size 96 --epochs 20 --out runs/photos-96\n  fixres train tf_flowers --json > result.json\n  fixres train photos/ --init-from runs/photos-96 --size 96 --epochs 10 --out runs/photos-96-longer',
    )
    .action(async (dataset: string, options: TrainOptions) => {
      const { train } = await import('./commands/train.ts');
      await train(dataset, options);
    });

  const finetuneCommand = program
    .command('finetune')
    .description(
      'Fine-tune a trained model, at a larger size for example, and prove what stayed frozen.',
    )
    .summary('Fine-tune a trained model, at a larger size for example.')
    .argument('<model|run>', 'folder of a layers model (model.json), or a run folder')
    .argument('<dataset>', DATASET)
    .option(
      '--size <pixels>',
      "side of the images; by default the model's own",
      whole(settingRanges.side),
    )
    .addOption(
      new Option('--policy <name>', 'what trains')
        .choices(freezePolicyNames)
        .default('classifier+last-bn'),
    )
    .option(
      '--train-policy <name>',
      'training images; by default the test images, mirrored half of the time',
    )
    .option(
      '--test-policy <name>',
      "test images; by default fixresTest at a larger size, else the model's own",
    )
    .option(
      '--train-size <pixels>',
      'side that the model was trained at; known for runs and models with a card',
      whole(settingRanges.side),
    )
    .option(
      '--new-classifier',
      "begin with a new classifier; other classes than the model's bring one anyway",
    )
    .option(
      '--epochs <n>',
      'passes over the training images, by default 10; none with bn-recalibrate',
      whole({ ...settingRanges.epochs, low: 0 }),
    )
    .option('--learning-rate <rate>', 'learning rate of Adam', positive(), 1e-4)
    .option('--arm <name>', 'arm of a run that has several')
    .option(
      '--seed <n>',
      'seed of a run that has several; by default the lowest',
      whole(settingRanges.seed),
    )
    .addOption(
      new Option(
        '--feature-cache <mode>',
        'auto: run frozen layers once for each view where that is exact',
      )
        .choices(['auto', 'off'])
        .default('auto'),
    )
    .addOption(
      new Option('--feature-precision <bits>', 'half needs half of the room and is not exact')
        .choices(['full', 'half'])
        .default('full'),
    )
    .option(
      '--feature-memory <megabytes>',
      'most memory for features; by default half of what is free, then disk',
      whole({ low: 0, high: Number.MAX_SAFE_INTEGER }),
    );
  withTrainingOptions(finetuneCommand)
    .addHelpText(
      'after',
      '\nExamples:\n  fixres finetune runs/photos-128 photos/ --size 224\n  fixres finetune my-model/ photos/ --size 160 --policy classifier+last-bn-stats --epochs 5 --out runs/tuned',
    )
    .action(async (place: string, dataset: string, options: FinetuneOptions) => {
      const { finetune } = await import('./commands/finetune.ts');
      await finetune(place, dataset, options);
    });
}

function withTrainingOptions(command: Command): Command {
  command
    .option('--batch <images>', 'images in a step', whole(settingRanges.batchSize), 32)
    .option(
      '--seeds <n>',
      'number of runs with different seeds',
      whole(settingRanges.seedCount),
      1,
    );
  return withRunOptions(withNormOptions(command, 'precise'), 'runs/<dataset>-<what>-<time>');
}
