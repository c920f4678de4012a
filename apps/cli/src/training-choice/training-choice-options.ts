import type { PrecisionChoice } from '@fixres/runs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { part, positive, whole } from '../options/option-types.ts';
import { type AugmentChoice, withAugmentOptions } from '../options/augment-options.ts';

/** How arms train, as the command line gives it; undefined options keep the command's default. */
export interface TrainingChoice extends AugmentChoice {
  precision?: PrecisionChoice | undefined;
  optimizer?: 'adam' | 'sgd' | undefined;
  momentum?: number | undefined;
  learningRate?: number | undefined;
  schedule?: 'constant' | 'cosine' | 'step' | undefined;
  /** Epochs. */
  warmUp?: number | undefined;
  weightDecay?: number | undefined;
  labelSmoothing?: number | undefined;
  /** The momentum of the average, or `true` for that of `@fixres/finetune`. */
  ema?: number | true | undefined;
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
      new Option('--optimizer <name>', `optimizer (default: ${optimizer})`).choices([
        'adam',
        'sgd',
      ]),
    )
    .option('--momentum <part>', 'momentum of sgd, between 0 and 1', part)
    .addOption(
      typeof learningRate === 'number'
        ? rate('learning rate, the highest of the schedule').default(learningRate)
        : rate(`learning rate, the highest of the schedule (default: ${learningRate})`),
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
    .option('--label-smoothing <part>', 'part of each label that is spread over all classes', part)
    .option('--ema [momentum]', 'evaluate a moving average of the weights (momentum: 0.999)', part)
    .option(
      '--early-stopping <patience>',
      'stop after this number of epochs without a better held-out accuracy',
      whole({ low: 1, high: 10_000 }),
    );
  return withAugmentOptions(command);
}

const rate = (description: string): Option =>
  new Option('--learning-rate <rate>', description).argParser(positive());

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
