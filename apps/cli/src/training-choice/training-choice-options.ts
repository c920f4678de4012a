import type { ImageSize } from '@fixres/data/names';
import type { LossSpec, OptimizerSpec, PrecisionChoice } from '@fixres/runs';
import {
  lossNames,
  optimizerNames,
  settingRanges,
  type TrainingRecipeName,
  trainingRecipeNames,
} from '@fixres/runs/names';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { imageSize, part, positive, whole } from '../options/option-types.ts';
import { type AugmentChoice, withAugmentOptions } from '../options/augment-options.ts';

type WeightDecayExclusion = NonNullable<NonNullable<OptimizerSpec['weightDecay']>['exclude']>;

/** How arms train, as the command line gives it; undefined options keep the command's default. */
export interface TrainingChoice extends AugmentChoice {
  precision?: PrecisionChoice | undefined;
  /** Of arms from scratch, for the settings that are not given. */
  recipe?: TrainingRecipeName | undefined;
  optimizer?: OptimizerSpec['type'] | undefined;
  momentum?: number | undefined;
  nesterov?: boolean | undefined;
  learningRate?: number | undefined;
  learningRateRule?: 'none' | 'linear' | 'square-root' | undefined;
  /** Images per update for which the learning rate is meant. */
  referenceBatch?: number | undefined;
  schedule?: 'constant' | 'cosine' | 'step' | undefined;
  /** Epochs. */
  warmUp?: number | undefined;
  weightDecay?: number | undefined;
  decayExclude?: WeightDecayExclusion | undefined;
  /** Factor from one group of layers to the one before it. */
  layerDecay?: number | undefined;
  labelSmoothing?: number | undefined;
  loss?: LossSpec['type'] | undefined;
  /** `balanced`, or a factor for each class. */
  classWeights?: 'balanced' | number[] | undefined;
  /** `class-balanced`, or `repeated-augmentation=VIEWS`. */
  sampling?: string | undefined;
  /** `KIND=LIMIT` */
  clipGradients?: string | undefined;
  accumulate?: number | undefined;
  dropPath?: number | undefined;
  dropout?: number | undefined;
  gradientCheckpointing?: true | undefined;
  /** The momentum of the average, or `true` for that of `@fixres/finetune`. */
  ema?: number | true | undefined;
  /** Model folder or run of the teacher. */
  distill?: string | undefined;
  /** First train size. */
  progressive?: ImageSize | undefined;
  /** Patience in epochs. */
  earlyStopping?: number | undefined;
}

/** Values to set in the experiment, and whether to print it only. */
export interface SpecificationOptions {
  set?: string[];
  dryRun?: boolean;
}

/** Defaults of `--learning-rate` and related options in a command's help. */
interface TrainingChoiceDefaults {
  optimizer: string;
  /** A number is the option's default; a string is only shown in the help. */
  learningRate: string | number;
  schedule: string;
}

/** Adds the options of {@link TrainingChoice}. */
export function withTrainingChoice(
  command: Command,
  { optimizer, learningRate, schedule }: TrainingChoiceDefaults,
): Command {
  command
    .addOption(
      new Option(
        '--precision <name>',
        'arithmetic of the training step; bfloat16 needs the native engine, auto measures which is faster (default: float32)',
      ).choices(['auto', 'float32', 'bfloat16']),
    )
    .addOption(
      new Option(
        '--optimizer <name>',
        `optimizer; adam with --weight-decay is AdamW (default: ${optimizer})`,
      ).choices(optimizerNames),
    )
    .option('--momentum <part>', 'momentum of sgd or rmsprop, between 0 and 1', part)
    .option('--nesterov', "Nesterov's momentum, of sgd")
    .addOption(
      typeof learningRate === 'number'
        ? rate('learning rate, the highest of the schedule').default(learningRate)
        : rate(`learning rate, the highest of the schedule (default: ${learningRate})`),
    )
    .addOption(
      new Option(
        '--learning-rate-rule <name>',
        'how the learning rate grows with the images of an update, of all processes: linear (for sgd), square-root (for adam) (default: none)',
      ).choices(['none', 'linear', 'square-root']),
    )
    .option(
      '--reference-batch <images>',
      'with a rule: images per update for which the learning rate is meant (default: 256)',
      whole(settingRanges.images),
    )
    .addOption(
      new Option(
        '--schedule <name>',
        `how the learning rate changes; step: a tenth every 30 epochs (default: ${schedule})`,
      ).choices(['constant', 'cosine', 'step']),
    )
    .option(
      '--warm-up <epochs>',
      'epochs in which the learning rate rises to its value',
      positive(10_000),
    )
    .option('--weight-decay <rate>', 'weight decay; decoupled, as in AdamW', positive())
    .addOption(
      new Option(
        '--decay-exclude <what>',
        'variables without weight decay: normalisations and biases, as in timm, or none (default: none)',
      ).choices(['none', 'norm-and-bias']),
    )
    .option(
      '--layer-decay <factor>',
      'factor on the learning rate from each group of layers to the one before it, between 0 and 1',
      part,
    )
    .option('--label-smoothing <part>', 'part of each label that is spread over all classes', part)
    .addOption(new Option('--loss <name>', 'loss (default: cross-entropy)').choices(lossNames))
    .option(
      '--class-weights <weights>',
      'balanced, or a factor on the loss of each class, separated by commas',
      classWeights,
    )
    .option(
      '--sampling <kind>',
      'images of an epoch: class-balanced (all classes equally often), repeated-augmentation=3 (so many views of each image that it visits)',
      sampling,
    )
    .option(
      '--clip-gradients <kind=limit>',
      'limit gradients: norm=1 (of all together), value=0.5 (of each number), adaptive=0.01 (of each unit)',
      clipping,
    )
    .option(
      '--accumulate <batches>',
      'number of batches whose gradients make one update',
      whole({ low: 1, high: 4096 }),
    )
    .option(
      '--drop-path <part>',
      'stochastic depth: probability of skipping the last residual block, less for earlier ones',
      part,
    )
    .option('--dropout <part>', 'dropout before the classifier', part)
    .option(
      '--gradient-checkpointing',
      'compute activations again in the backward pass: less memory, more time',
    )
    .option('--ema [momentum]', 'evaluate a moving average of the weights (momentum: 0.999)', part)
    .option(
      '--distill <model|run>',
      'also learn from the predictions of a trained model with the same classes',
    )
    .option(
      '--progressive <pixels>',
      'progressive resizing: train size of the first of four stages, which grows to the train size',
      imageSize(settingRanges.side),
    )
    .option(
      '--early-stopping <patience>',
      'stop after this number of epochs without a better held-out accuracy',
      whole({ low: 1, high: 10_000 }),
    );
  return withAugmentOptions(command);
}

function classWeights(text: string): 'balanced' | number[] {
  if (text === 'balanced') return text;
  const weights = text.split(',').map((word) => (word.trim() === '' ? NaN : Number(word)));
  if (weights.length < 2 || !weights.every((each) => each >= 0 && Number.isFinite(each)))
    throw new InvalidArgumentError(
      'It must be balanced, or a number of at least 0 for each class, separated by commas.',
    );
  return weights;
}

function sampling(text: string): string {
  const [, views] = /^repeated-augmentation=(\d+)$/.exec(text) ?? [];
  if (text !== 'class-balanced' && !(Number(views) >= 2 && Number(views) <= 255))
    throw new InvalidArgumentError(
      'It must be class-balanced or repeated-augmentation=N, with a whole number from 2 to 255.',
    );
  return text;
}

function clipping(text: string): string {
  const [, limit] = /^(?:norm|value|adaptive)=([^=]+)$/.exec(text) ?? [];
  if (limit === undefined || !(Number(limit) > 0 && Number.isFinite(Number(limit))))
    throw new InvalidArgumentError(
      'It must be norm=N, value=N or adaptive=N, with a number above 0.',
    );
  return text;
}

const rate = (description: string): Option =>
  new Option('--learning-rate <rate>', description).argParser(positive());

/**
 * Adds `--recipe`. The learning rate is then that of the recipe, if none is given.
 */
export function withRecipe(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--recipe <name>',
        'published training recipe of arms from scratch, for the options that are not given',
      ).choices(trainingRecipeNames),
    )
    .hook('preAction', (_, action) => {
      const isDefault = action.getOptionValueSource('learningRate') === 'default';
      if (action.getOptionValue('recipe') !== undefined && isDefault)
        action.setOptionValueWithSource('learningRate', undefined, 'implied');
    });
}

/** Adds `--set` and `--dry-run`. */
export function withSpecificationOptions(command: Command): Command {
  return command
    .option(
      '--set <path=value>',
      'set a value of the experiment, for example arms.fixres.schedule.rate=1e-4; can be repeated',
      setting,
    )
    .option('--dry-run', 'print the complete experiment as YAML; train and write nothing');
}

function setting(text: string, before: string[] = []): string[] {
  if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('It must be <path>=<value>.');
  return [...before, text];
}
