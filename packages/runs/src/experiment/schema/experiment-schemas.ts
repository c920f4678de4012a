import { policyNames } from '@fixres/data';
import { deviceChoices, engineChoices } from '@fixres/engine/names';
import { freezePolicyNames } from '@fixres/finetune/settings';
import { modelNames } from '@fixres/models/names';
import { z } from 'zod';
import { fileNamePattern } from '../../file-names.ts';
import { furtherLogs, presetNames } from '../names.ts';
import type { ExperimentFile } from '../../experiment-file/experiment-file.ts';
import { type SettingRange, settingRanges } from '../setting-ranges.ts';

const within = ({ low, high }: SettingRange): z.ZodInt => z.int().min(low).max(high);
const whole = (low: number, high: number): z.ZodInt => within({ low, high });
const part = z.number().min(0).max(1);
const side = within(settingRanges.side);
const epochs = within(settingRanges.epochs);
const rate = z.number().min(0);

/** Of what becomes part of file names: arms, policies, and freeze policies in a grid. */
const fileName = z
  .string()
  .regex(fileNamePattern)
  .refine((name) => !/^\.+$/.test(name))
  .describe('Letters, digits and . _ @ + -');

const namedPolicy = z
  .strictObject({
    policy: z.enum(policyNames),
    size: z
      .union([side, z.literal('matched')])
      .describe(
        'Side of what comes out; "matched": the size at which objects look as large as in training from scratch, from the data set\'s image sizes',
      ),
    trainSize: side
      .optional()
      .describe(
        'For fixresTest and fixresFinetune; by default the size that the arm was trained at from scratch',
      ),
    flip: z.boolean().optional().describe('Mirrored half of the time'),
  })
  .describe('A policy by its name');
const wholePolicy = z
  .looseObject({
    version: z.literal(1),
    name: fileName,
    output: z.strictObject({ width: side, height: side }),
    steps: z.array(z.looseObject({ op: z.string() })),
  })
  .describe('A policy step by step, as @fixres/data stores it');
const policy = z.union([namedPolicy, wholePolicy]);

const warmUp = z.strictObject({ epochs: z.number().positive(), from: rate.optional() });
const schedule = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('constant'), rate, warmUp: warmUp.optional() }),
    z.strictObject({
      type: z.literal('step'),
      rate,
      factor: z.number().positive().max(1).optional(),
      every: whole(1, 10_000).optional(),
      parts: whole(1, 10_000).optional(),
      warmUp: warmUp.optional(),
    }),
    z.strictObject({
      type: z.literal('cosine'),
      rate,
      minimum: rate.optional(),
      warmUp: warmUp.optional(),
    }),
  ])
  .describe('How the learning rate changes');

const weightDecay = z.strictObject({
  rate,
  kind: z.enum(['decoupled', 'l2']).optional().describe('l2 goes with sgd only'),
  exclude: z.enum(['none', 'norm-and-bias']).optional(),
});
const below1 = z.number().min(0).lt(1);
const optimizer = z.union([
  z.enum(['adam', 'sgd']),
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('adam'),
      beta1: below1.optional(),
      beta2: below1.optional(),
      epsilon: z.number().positive().optional(),
      weightDecay: weightDecay.optional(),
    }),
    z.strictObject({
      type: z.literal('sgd'),
      momentum: below1.optional(),
      nesterov: z.boolean().optional(),
      weightDecay: weightDecay.optional(),
    }),
  ]),
]);

const layerMatch = z
  .record(z.string(), z.string())
  .describe('One of layer, pattern, group, className, role');
const freeze = z.union([
  z.enum(freezePolicyNames),
  z.strictObject({
    name: fileName,
    rules: z.array(
      z.strictObject({ match: layerMatch, mode: z.string(), optional: z.boolean().optional() }),
    ),
    otherwise: z.string(),
  }),
]);

const layerRates = z.union([
  z.strictObject({ decay: z.number().positive().max(1) }),
  z.strictObject({
    rules: z.array(
      z.strictObject({ match: layerMatch, multiplier: rate, optional: z.boolean().optional() }),
    ),
    otherwise: rate.optional(),
  }),
]);

const average = z.union([
  z.literal(true),
  z.strictObject({
    momentum: below1.optional(),
    warmUp: z
      .union([
        z.boolean(),
        z.strictObject({
          gamma: z.number().positive().optional(),
          power: z.number().positive().optional(),
        }),
      ])
      .optional(),
    statistics: z.enum(['average', 'keep']).optional(),
  }),
]);

/** How an arm trains, whatever it sees. */
const training = {
  epochs,
  steps: within(settingRanges.steps)
    .optional()
    .describe('Most updates; training ends after so many, also within an epoch'),
  learningRate: rate.optional().describe('A constant rate; short for a schedule'),
  schedule: schedule.optional(),
  optimizer: optimizer.optional().describe('Default adam'),
  layerRates: layerRates.optional().describe('Factors on the learning rate by layer'),
  average: average.optional().describe('Moving average of the weights; the arm is tested with it'),
  labelSmoothing: part.optional(),
  earlyStopping: z
    .strictObject({
      patience: whole(1, 10_000),
      monitor: z.enum(['heldOutAccuracy', 'loss']).optional(),
      minDelta: rate.optional(),
      restoreBest: z.boolean().optional(),
    })
    .optional(),
};

const seedList = z.array(within(settingRanges.seed)).min(1);
const precision = z.enum(['float32', 'bfloat16']);

const checkpoint = z.strictObject({
  everyEpochs: epochs.nullable().optional(),
  everySeconds: rate.nullable().optional(),
  keep: whole(1, 1000).optional(),
  best: z.boolean().optional(),
});

const activations = z.union([
  z.literal(false),
  z.strictObject({
    images: whole(1, 1e6).optional().describe('Most held-out images; default 256'),
  }),
]);

const cost = z
  .strictObject({ equalTo: fileName.describe('An earlier arm') })
  .describe(
    'Instead of epochs: as many updates as take no more training compute than another arm takes, with the arms that each starts from',
  );

const arm = z
  .strictObject({
    name: fileName,
    description: z.string().optional(),
    from: fileName.optional().describe('Arm whose weights it starts from; an earlier one'),
    train: policy,
    test: policy,
    freeze: freeze.optional().describe('Which layers train; default all'),
    ...training,
    epochs: within({ ...settingRanges.epochs, low: 0 })
      .optional()
      .describe(
        '0: nothing trains; for tests of what the arm starts from, and with the freeze policy bn-recalibrate',
      ),
    cost: cost.optional(),
  })
  .refine((entry) => (entry.epochs === undefined) !== (entry.cost === undefined), {
    message: 'Exactly one of epochs and cost must be given',
  })
  .refine((entry) => entry.cost === undefined || entry.steps === undefined, {
    message: 'steps follow from cost; give one of them',
  });

const grid = z
  .strictObject({
    train: z.strictObject({
      policy: z.enum(policyNames),
      test: z.enum(policyNames).optional().describe('Default resize'),
      sizes: z.array(side).min(1),
      ...training,
    }),
    finetune: z
      .strictObject({
        policies: z.array(z.strictObject({ train: policy, test: policy })).min(1),
        freeze: z.array(freeze).min(1),
        ...training,
      })
      .optional(),
  })
  .describe(
    'An arm from scratch for each train size, and one fine-tuned from it for each policy and each freeze policy',
  );

const dataset = z.union([
  z.string().min(1),
  z.strictObject({
    source: z
      .string()
      .min(1)
      .describe(
        'synthetic, tf_flowers, or the path of a data set; paths are relative to this file',
      ),
    archive: z.string().optional().describe('Local copy of the archive of tf_flowers'),
    limit: within(settingRanges.images).optional().describe('Use only this many images'),
    heldOut: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('Part of the images to hold out; default 0.1'),
    skipCorrupt: z.boolean().optional().describe('Leave out images that cannot be decoded'),
    labelKey: z
      .string()
      .min(1)
      .optional()
      .describe(
        "What holds the class: a feature of TFRecord files, a column of a list, a key of webdataset's .json",
      ),
    classNames: z
      .array(z.string().min(1))
      .min(2)
      .optional()
      .describe(
        'Names of the classes in their order; a label that is a number is a place among them',
      ),
    allowOutside: z
      .boolean()
      .optional()
      .describe('Whether a list may name images outside its folder'),
    maxMegapixels: z
      .number()
      .gt(0)
      .max(500)
      .optional()
      .describe('Larger images are refused, in millions of pixels; default 67.1'),
  }),
]);

/** What an experiment file holds. */
export const experimentFileSchema: z.ZodType<ExperimentFile> = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1),
    dataset,
    preset: z
      .enum(presetNames)
      .optional()
      .describe('The FixRes experiment, ready-made; instead of arms or a grid'),
    sizes: z
      .strictObject({
        small: side.optional(),
        large: z.union([side, z.literal('matched')]).optional(),
      })
      .optional()
      .describe('Sizes of a preset that are not its own'),
    epochs: epochs.optional().describe('Epochs from scratch of a preset'),
    finetuneEpochs: epochs.optional().describe('Epochs of fine-tuning of a preset'),
    model: z
      .union([
        z.strictObject({
          name: z.enum(modelNames).optional(),
          width: within(settingRanges.width).optional(),
        }),
        z.strictObject({
          folder: z
            .string()
            .min(1)
            .describe('A model folder, what arms without "from" start from; relative to this file'),
          size: side
            .optional()
            .describe(
              "Side of the images it is used with, where it takes only one; default: that of the first arm's tests",
            ),
          newClassifier: z
            .enum(['always', 'if-needed'])
            .optional()
            .describe('Default if-needed: where its classes are not those of the data set'),
        }),
      ])
      .optional()
      .describe("Default: the preset's; else resnet50v2 with width 64"),
    arms: z.array(arm).min(1).optional(),
    grid: grid.optional(),
    evaluations: z
      .array(policy)
      .optional()
      .describe("Test policies beside the arms' own; every arm is scored under all"),
    comparisons: z
      .array(
        z.strictObject({
          a: fileName,
          b: fileName,
          policy: z.string().optional().describe('own (default) or <policy>@<size>'),
        }),
      )
      .optional()
      .describe('Default: each arm with the one it starts from'),
    seeds: z
      .union([within(settingRanges.seedCount), seedList])
      .optional()
      .describe('Their number, or a list; default 1'),
    batchSize: within(settingRanges.batchSize).optional().describe('Default 32'),
    precision: precision.optional().describe('Default float32'),
    normStatistics: z
      .enum(['precise', 'running'])
      .optional()
      .describe(
        'Statistics of batch normalisation that arms are tested with: estimated anew from training images, or the moving averages; default precise, but for preset keras',
      ),
    normImages: within(settingRanges.images)
      .optional()
      .describe('Most training images that they are estimated from; default 4096'),
    deterministic: z
      .boolean()
      .optional()
      .describe('The same bits in every run on this machine, at the price of speed'),
    engine: z.enum(engineChoices).optional(),
    device: z
      .enum(deviceChoices)
      .optional()
      .describe('Where the native engine computes; default auto'),
    checkpoint: checkpoint.optional(),
    activations: activations
      .optional()
      .describe(
        'Statistics of the activations before the pooling under every evaluation, before and after fine-tuning; false: none',
      ),
    logs: z.array(z.enum(furtherLogs)).optional().describe('Further logs in the run folder'),
  })
  .refine(
    ({ preset, arms, grid: cells }) =>
      [preset, arms, cells].filter((each) => each !== undefined).length === 1,
    {
      message: 'Exactly one of preset, arms and grid must be given',
    },
  )
  .refine(
    ({ preset, sizes, epochs: scratch, finetuneEpochs }) =>
      preset !== undefined || (sizes ?? scratch ?? finetuneEpochs) === undefined,
    {
      message: 'sizes, epochs and finetuneEpochs go with a preset; arms and grids have their own',
    },
  )
  .refine(
    ({ preset, model }) => preset === undefined || model === undefined || !('folder' in model),
    {
      message: 'A preset makes its model anew; arms and grids can start from a folder',
    },
  )
  .refine(
    ({ preset, evaluations, comparisons }) =>
      preset === undefined || (evaluations ?? comparisons) === undefined,
    {
      message: 'A preset has its own evaluations and comparisons',
    },
  );

/** Arms of a grid have names made of others; how long they may be together is told by the names of the files. */
const plannedName = z.string().regex(/^[\w.@+-]+$/);

/** Schedules and freeze policies have checks of their own, in `@fixres/finetune`. */
const plannedArm = z.object({
  name: plannedName,
  description: z.string(),
  initFrom: plannedName.nullable(),
  trainPolicy: wholePolicy,
  testPolicy: wholePolicy,
  epochs: within({ ...settingRanges.epochs, low: 0 }).optional(),
  steps: training.steps,
  cost: z.object({ equalTo: z.string() }).optional(),
  optimizer: training.optimizer,
  layerRates: training.layerRates,
  average: training.average,
  labelSmoothing: training.labelSmoothing,
  earlyStopping: training.earlyStopping,
});

/** An experiment in all its parts, whether it came from a file, from options or from code. */
export const experimentSchema: z.ZodType = z.object({
  model: z.union([
    z.object({
      name: z.string(),
      width: within(settingRanges.width),
      folder: z.undefined().optional(),
    }),
    z.object({
      folder: z.string().min(1),
      digest: z.string(),
      size: side,
      newClassifier: z.enum(['always', 'if-needed']),
    }),
  ]),
  arms: z.array(plannedArm).min(1),
  evaluations: z.array(wholePolicy).min(1),
  comparisons: z.array(z.object({ a: z.string(), b: z.string(), policy: z.string() })),
  seeds: seedList.max(settingRanges.seedCount.high),
  batchSize: within(settingRanges.batchSize),
  precision: precision.optional(),
  normStatistics: z.enum(['precise', 'running']).optional(),
  normImages: within(settingRanges.images).optional(),
  checkpoint: checkpoint.optional(),
  activations: activations.optional(),
});
