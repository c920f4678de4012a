import {
  augmentNames,
  corruptionNames,
  corruptionSeverities,
  jpegDecodings,
  mixAlphaRange,
  parseImageSize,
  policyNames,
  sidesOf,
} from '@fixres/data';
import { deviceChoices, engineChoices } from '@fixres/engine/names';
import { freezePolicyNames } from '@fixres/finetune/names';
import { modelNames } from '@fixres/models/names';
import { z } from 'zod';
import { fileNamePattern } from '../../file-names.ts';
import {
  evaluatedImages,
  furtherLogs,
  lossNames,
  optimizerNames,
  presetNames,
  trainingRecipeNames,
} from '../names.ts';
import type { ExperimentFile } from '../../experiment-file/experiment-file.ts';
import { allowedMemory, memoryPattern, parseMemory } from '../memory-amount.ts';
import { type SettingRange, settingRanges } from '../setting-ranges.ts';

const within = ({ low, high }: SettingRange): z.ZodInt => z.int().min(low).max(high);
const whole = (low: number, high: number): z.ZodInt => within({ low, high });
const part = z.number().min(0).max(1);
const side = within(settingRanges.side);
const sidePixels = side.describe('Pixels');
const sides = z.strictObject({ height: sidePixels, width: sidePixels });
/** An image size in a stored experiment, or one in code. */
const storedSize = z.union([side, sides]);
/** An image size in an experiment file. */
const imageSize = z
  .union([
    side,
    z
      .string()
      .regex(/^\d{1,4}x\d{1,4}$/, {
        message: 'expected height x width, such as 192x256',
        // Other texts are no sizes at all, so the message lists everything that is allowed.
        abort: true,
      })
      .refine((text) => sides.safeParse(sidesOf(parseImageSize(text) ?? 0)).success, {
        message: `expected sides from ${settingRanges.side.low} to ${settingRanges.side.high} pixels`,
      }),
    sides,
  ])
  .describe('Side of a square in pixels, or height x width: 192x256, or { height, width }');
const epochs = within(settingRanges.epochs);
const rate = z.number().min(0);

/** For names that become part of file names: arms, policies, and freeze policies in a grid. */
const fileName = z
  .string()
  .regex(fileNamePattern)
  .refine((name) => !/^\.+$/.test(name))
  .describe('Letters, digits and . _ @ + -');

const augment = z
  .array(
    z.union([
      z.enum(augmentNames),
      z
        .looseObject({
          op: z.enum([...augmentNames, 'colorJitter']).describe('Which augmentation'),
        })
        .describe('The step of an augmentation; settings that are left out have their defaults'),
    ]),
  )
  .optional()
  .describe('Augmentations of training images, in this order, after the crop and the flip');

const namedPolicy = z
  .strictObject({
    policy: z.enum(policyNames).describe('How an image is resized and cropped'),
    size: z
      .union([
        imageSize,
        z.literal('matched'),
        z.literal('measured'),
        z.strictObject({
          measured: z.array(imageSize).min(2).describe('Candidates for the test policy'),
        }),
      ])
      .describe(
        'Output size in pixels: a side, or height x width as in 192x256. "matched": the size at which objects look as large as in training from scratch. "measured": the size at which the first arm is most accurate on training images that are held back (holdBack)',
      ),
    trainSize: imageSize
      .optional()
      .describe(
        'For fixresTest and fixresFinetune; by default the size that the arm was trained at from scratch',
      ),
    flip: z.boolean().optional().describe('Random horizontal flip'),
    augment,
  })
  .describe('A policy by name');
const wholePolicy = z
  .looseObject({
    version: z.literal(1).describe('Format of the policy'),
    name: fileName,
    // In the order of stored policies, which are compared as JSON.
    output: z
      .strictObject({ width: sidePixels, height: sidePixels })
      .describe('Size of the image that the steps make'),
    steps: z
      .array(z.looseObject({ op: z.string().describe('What the step does, such as crop') }))
      .describe('What is done to an image, in this order'),
  })
  .describe('A policy as a list of steps, as @fixres/data stores it');
const policy = z.union([namedPolicy, wholePolicy.extend({ augment })]);

const warmUp = z
  .strictObject({
    epochs: z.number().positive().describe('Length; fractions are allowed'),
    from: rate.optional().describe('Learning rate of the first update; default 0'),
  })
  .describe('The learning rate rises linearly at first; default: it does not');
const peakRate = rate.describe('Highest learning rate');
const scaling = z
  .strictObject({
    rule: z
      .enum(['linear', 'square-root'])
      .describe('The rate grows with the number of images of an update, or with its square root'),
    referenceBatch: within(settingRanges.images)
      .optional()
      .describe('Images per update for which the rate is meant; default 256'),
  })
  .describe('The rate depends on the images per update, of all processes; default: it does not');
const schedule = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('constant').describe('How the rate changes after the warm-up'),
      rate: peakRate,
      scaling: scaling.optional(),
      warmUp: warmUp.optional(),
    }),
    z.strictObject({
      type: z.literal('step'),
      rate: peakRate,
      scaling: scaling.optional(),
      factor: z
        .number()
        .positive()
        .max(1)
        .optional()
        .describe('What the rate is multiplied by at each step; default 0.1'),
      every: whole(1, 10_000).optional().describe('Epochs between steps; default 30'),
      parts: whole(1, 10_000)
        .optional()
        .describe('Instead of every: number of equal parts of the training, with steps between'),
      warmUp: warmUp.optional(),
    }),
    z.strictObject({
      type: z.literal('cosine'),
      rate: peakRate,
      scaling: scaling.optional(),
      minimum: rate.optional().describe('Learning rate at the end; default 0'),
      warmUp: warmUp.optional(),
    }),
  ])
  .describe('How the learning rate changes');

const weightDecay = z
  .strictObject({
    rate: rate.describe('Strength'),
    kind: z
      .enum(['decoupled', 'l2'])
      .optional()
      .describe(
        'decoupled: the weights shrink beside the update, as in AdamW (default); l2: through the gradient, with sgd only',
      ),
    exclude: z
      .enum(['none', 'norm-and-bias'])
      .optional()
      .describe('Variables without weight decay; default none'),
  })
  .describe('Weight decay; default: none');
const below1 = z.number().min(0).lt(1);
const epsilon = z
  .number()
  .positive()
  .optional()
  .describe('Added to the denominator of an update; default 1e-7, with lamb 1e-6');
const momentum = below1.optional().describe('Default 0');
const betas = {
  beta1: below1.optional().describe('Decay of the mean of the gradients; default 0.9'),
  beta2: below1.optional().describe('Decay of the mean of their squares; default 0.999'),
  epsilon,
  weightDecay: weightDecay.optional(),
};
const optimizer = z.union([
  z.enum(optimizerNames),
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('adam').describe('Which optimizer'), ...betas }),
    z.strictObject({ type: z.literal('lamb'), ...betas }),
    z.strictObject({
      type: z.literal('rmsprop'),
      rho: below1
        .optional()
        .describe('Decay of the mean of the squares of the gradients; default 0.9'),
      momentum,
      epsilon,
      initialAccumulator: rate.optional().describe('First value of that mean; default 0'),
      weightDecay: weightDecay.optional(),
    }),
    z.strictObject({
      type: z.literal('sgd'),
      momentum,
      nesterov: z.boolean().optional().describe("Nesterov's momentum; default false"),
      weightDecay: weightDecay.optional(),
    }),
  ]),
]);

const loss = z
  .union([
    z.enum(lossNames),
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('cross-entropy').describe('Which loss') }),
      z.strictObject({
        type: z.literal('binary-cross-entropy'),
        over: z
          .enum(['mean', 'sum'])
          .optional()
          .describe('How the losses of the classes become one; default mean'),
        threshold: part.optional().describe('Targets above it become 1, others 0'),
      }),
      z.strictObject({
        type: z.literal('focal'),
        gamma: rate.optional().describe('Focusing parameter; default 2'),
      }),
    ]),
  ])
  .describe('Default cross-entropy');

const clipGradients = z
  .union([
    z.strictObject({
      norm: z.number().positive().describe('Highest norm of all gradients together'),
    }),
    z.strictObject({
      value: z.number().positive().describe('Highest absolute value of each number'),
    }),
    z.strictObject({
      adaptive: z
        .number()
        .positive()
        .describe('Highest norm of the gradients of a unit, as a fraction of that of its weights'),
    }),
  ])
  .describe('Limits the gradients of each update, in one of three ways; default: no limit');

const layerMatch = z
  .record(z.string(), z.string())
  .describe('One of layer, pattern, group, className, role');
const mode = z
  .string()
  .describe('One of train, freeze, parameters-only, statistics-only, recalibrate');
const optionalRule = z
  .boolean()
  .optional()
  .describe('Whether the rule may match no layer; default false');
const freeze = z.union([
  z.enum(freezePolicyNames),
  z.strictObject({
    name: fileName,
    rules: z
      .array(z.strictObject({ match: layerMatch, mode, optional: optionalRule }))
      .describe('The first rule that matches a layer decides'),
    otherwise: mode.describe('Mode of layers that no rule matches'),
  }),
]);

const layerRates = z.union([
  z.strictObject({
    decay: z
      .number()
      .positive()
      .max(1)
      .describe('Factor from each group of layers to the one before it; the last has 1'),
  }),
  z.strictObject({
    rules: z
      .array(
        z.strictObject({
          match: layerMatch,
          multiplier: rate.describe('Factor on the learning rate'),
          optional: optionalRule,
        }),
      )
      .describe('The first rule that matches a layer decides'),
    otherwise: rate.optional().describe('Factor of layers that no rule matches; default 1'),
  }),
]);

const ema = z.union([
  z.literal(true),
  z.strictObject({
    momentum: below1.optional().describe('Part of the average that an update keeps; default 0.999'),
    warmUp: z
      .union([
        z.boolean(),
        z.strictObject({
          gamma: z.number().positive().optional().describe('Default 1'),
          power: z.number().positive().optional().describe('Default 2/3'),
        }),
      ])
      .optional()
      .describe(
        'The momentum rises as 1 - (1 + updates / gamma) ^ -power until it is reached; default true',
      ),
    statistics: z
      .enum(['average', 'keep'])
      .optional()
      .describe(
        'Running statistics of batch normalisation: averaged like the weights (default), or those of the last update',
      ),
  }),
]);

const alpha = z.number().min(mixAlphaRange.low).max(mixAlphaRange.high);
const mix = z
  .strictObject({
    mixup: alpha.optional().describe('Alpha of Mixup: weights are drawn from Beta(alpha, alpha)'),
    cutmix: alpha.optional().describe('Alpha of CutMix: areas are drawn from Beta(alpha, alpha)'),
    probability: part.optional().describe('Probability that a batch is mixed; default 1'),
    switchProbability: part
      .optional()
      .describe('With both: probability of CutMix instead of Mixup; default 0.5'),
  })
  .describe('Mixes the images of each training batch, and their labels; default: not');
const distillation = {
  kind: z
    .enum(['soft', 'hard'])
    .optional()
    .describe("soft: the teacher's probabilities (default); hard: its class"),
  temperature: z.number().positive().optional().describe('Default 3'),
  alpha: part.optional().describe("Weight of the teacher's part of the loss; default 0.5"),
};

/** How an arm trains, independent of its images. */
const progressive = {
  stages: whole(2, 100).optional().describe('Default 4'),
  dropout: below1.optional().describe('Dropout of the first stage'),
  dropPath: below1.optional().describe('Stochastic depth of the first stage'),
  mixup: z
    .number()
    .min(0)
    .max(mixAlphaRange.high)
    .optional()
    .describe('Alpha of Mixup in the first stage'),
  magnitude: whole(0, 1000).optional().describe('Magnitude of RandAugment in the first stage'),
};

const training = {
  epochs: epochs.describe('Maximum number of epochs'),
  steps: within(settingRanges.steps)
    .optional()
    .describe('Maximum number of updates; training can end within an epoch'),
  recipe: z
    .enum(trainingRecipeNames)
    .optional()
    .describe('A published recipe, for the settings that are not given'),
  learningRate: rate.optional().describe('A constant learning rate; short for a schedule'),
  schedule: schedule.optional(),
  optimizer: optimizer.optional().describe('Default adam'),
  layerRates: layerRates.optional().describe('Factors on the learning rate by layer'),
  ema: ema.optional().describe('Moving average of the weights, used for evaluation'),
  labelSmoothing: part
    .optional()
    .describe('Part of each label that is spread over all classes; default 0'),
  mix: mix.optional(),
  loss: loss.optional(),
  classWeights: z
    .union([z.literal('balanced'), z.array(rate).min(2)])
    .optional()
    .describe('Factor on the loss of each class; balanced: by the number of its training images'),
  sampling: z
    .union([
      z.literal('class-balanced'),
      z.strictObject({
        repeatedAugmentation: whole(2, 255).describe('Views of each image that an epoch visits'),
      }),
    ])
    .optional()
    .describe(
      'class-balanced: an epoch visits all classes equally often. repeatedAugmentation: several views of fewer images',
    ),
  clipGradients: clipGradients.optional(),
  accumulate: whole(1, 4096)
    .optional()
    .describe('Number of batches whose gradients make one update; default 1'),
  dropPath: below1
    .optional()
    .describe('Stochastic depth: probability of skipping the last residual block; default 0'),
  dropout: below1.optional().describe('Dropout before the classifier; default 0'),
  gradientCheckpointing: z
    .boolean()
    .optional()
    .describe('Compute activations again in the backward pass, in less memory; default false'),
  earlyStopping: z
    .strictObject({
      patience: whole(1, 10_000).describe('Epochs without improvement, after which it ends'),
      monitor: z
        .enum(['heldOutAccuracy', 'loss'])
        .optional()
        .describe('What must improve; default heldOutAccuracy, which then looks better than it is'),
      minDelta: rate
        .optional()
        .describe('Smallest change that counts as an improvement; default 0'),
      restoreBest: z
        .boolean()
        .optional()
        .describe('End with the weights of the best epoch; default true'),
    })
    .optional()
    .describe('End the training when it no longer improves; default: after all epochs'),
  distill: z
    .strictObject({
      teacher: z.string().min(1).describe('Its model folder; relative to this file'),
      ...distillation,
    })
    .optional()
    .describe('Also learn from a trained model with the same classes, which sees the same views'),
  progressive: z
    .strictObject({
      from: imageSize.describe(
        'Train size of the first stage; it grows to that of the train policy',
      ),
      ...progressive,
    })
    .optional()
    .describe('Train at smaller sizes first, as in EfficientNetV2'),
};

const seedList = z.array(within(settingRanges.seed)).min(1);
const difference = z
  .string()
  .regex(/^[\w.@+-]+ - [\w.@+-]+$/)
  .describe('Two arms, as in fixres - small');
const seedsUntil = z.strictObject({
  until: z
    .union([
      z.strictObject({
        difference,
        halfWidth: z
          .number()
          .positive()
          .max(100)
          .describe('Half width of the interval of the difference, in percentage points'),
        policy: z.string().optional().describe('own (default) or <policy>@<size>'),
      }),
      z.strictObject({
        excludes0: difference,
        policy: z.string().optional().describe('own (default) or <policy>@<size>'),
      }),
    ])
    .describe('Until the difference of two arms is known well enough, or is not 0'),
  max: whole(4, settingRanges.seedCount.high)
    .optional()
    .describe('Largest number of seeds; default 20'),
});
const precision = z.enum(['auto', 'float32', 'bfloat16']);

const checkpoint = z.strictObject({
  everyEpochs: epochs
    .nullable()
    .optional()
    .describe('Epochs between checkpoints; null: not by epochs; default 1'),
  everySeconds: rate
    .nullable()
    .optional()
    .describe('Seconds between checkpoints, also within an epoch; null: not by time; default 600'),
  keep: whole(1, 1000).optional().describe('Number of checkpoints to keep; default 2'),
  best: z.boolean().optional().describe("Keep the weights of each arm's best epoch; default true"),
});

const activations = z.union([
  z.literal(false),
  z.strictObject({
    images: whole(1, 1e6).optional().describe('Maximum number of held-out images; default 256'),
  }),
]);

const unique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const corruptions = z.strictObject({
  names: z
    .array(z.enum(corruptionNames))
    .min(1)
    .refine(unique, { message: 'Each corruption can be given once' })
    .optional()
    .describe('Default: all 15 of ImageNet-C'),
  severities: z
    .array(z.literal(corruptionSeverities))
    .min(1)
    .refine(unique, { message: 'Each severity can be given once' })
    .optional()
    .describe('Default: 1 to 5'),
  baseline: fileName
    .optional()
    .describe('Arm whose errors are 100 % in the mean corruption error; default: the first arm'),
});

const cost = z
  .strictObject({ equalTo: fileName.describe('An earlier arm') })
  .describe(
    'Instead of epochs: as many updates as possible without exceeding the training compute of another arm, each including the arms it is initialised from',
  );

const arm = z
  .strictObject({
    name: fileName,
    description: z.string().optional().describe('One sentence for the report'),
    initFrom: fileName
      .nullable()
      .optional()
      .describe('Earlier arm that this arm is initialised from; null or left out: from scratch'),
    trainPolicy: policy.describe('How a training image becomes an input'),
    testPolicy: policy.describe(
      'How an image becomes an input in the evaluation that counts for the arm',
    ),
    freeze: freeze.optional().describe('Which layers train; default all'),
    ...training,
    epochs: within({ ...settingRanges.epochs, low: 0 })
      .optional()
      .describe(
        '0: nothing trains; to evaluate the initial weights, or with the freeze policy bn-recalibrate',
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
    train: z
      .strictObject({
        trainPolicy: z.enum(policyNames).describe('Of the arms from scratch'),
        testPolicy: z.enum(policyNames).optional().describe('Default resize'),
        augment,
        imageSizes: z.array(imageSize).min(1).describe('An arm from scratch for each'),
        ...training,
      })
      .describe('The arms from scratch'),
    finetune: z
      .strictObject({
        policies: z
          .array(
            z.strictObject({
              trainPolicy: policy.describe('Of the fine-tuned arms'),
              testPolicy: policy.describe('Of the fine-tuned arms'),
            }),
          )
          .min(1)
          .describe('A fine-tuned arm for each pair, size and freeze policy'),
        freeze: z.array(freeze).min(1).describe('Which layers train: a freeze policy or more'),
        ...training,
      })
      .optional()
      .describe('The fine-tuned arms; default: none'),
  })
  .describe(
    'An arm from scratch per image size, and a fine-tuned arm for each of its policies and freeze policies',
  );

const dataset = z
  .union([
    z.string().min(1),
    z.strictObject({
      source: z
        .string()
        .min(1)
        .describe(
          'synthetic, tf_flowers, or the path of a data set; paths are relative to this file',
        ),
      archive: z.string().optional().describe('Local copy of the archive of tf_flowers'),
      limit: within(settingRanges.images).optional().describe('Use only this number of images'),
      heldOut: z
        .number()
        .gt(0)
        .lt(1)
        .optional()
        .describe('Fraction of the images to hold out; default 0.1'),
      skipCorrupt: z.boolean().optional().describe('Leave out images that cannot be decoded'),
      splitByGroup: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Images that the split keeps together: "look-alikes", a pattern of their names like "*/{group}_*", or the name of a column or key of a list of images',
        ),
      dropLeaks: z
        .boolean()
        .optional()
        .describe(
          'Leave out training images that look like a held-out image, or were taken by the same camera within a minute',
        ),
      labelKey: z
        .string()
        .min(1)
        .optional()
        .describe(
          "Where the class is: a feature of TFRecord files, a column of a list or of Parquet files, or a key of webdataset's .json",
        ),
      classNames: z
        .array(z.string().min(1))
        .min(2)
        .optional()
        .describe('Class names in order; numeric labels are indices into them'),
      classIds: z
        .array(z.string().min(1))
        .min(2)
        .optional()
        .describe('Other labels of the classes, in the order of classNames'),
      nestedClasses: z
        .boolean()
        .optional()
        .describe('Whether class folders may contain class folders: classes like fruit/apple'),
      multiLabel: z
        .boolean()
        .optional()
        .describe(
          'Whether each image has any number of labels: a list, or text between separators',
        ),
      labelSeparator: z
        .string()
        .min(1)
        .optional()
        .describe('With multiLabel: what separates labels in text; default | or ;'),
      tuneThresholds: z
        .number()
        .gt(0)
        .lt(1)
        .optional()
        .describe(
          'With multiLabel: fraction of the training images held back to choose the threshold of each class; default: all train, and thresholds are 0.5',
        ),
      holdBack: z
        .number()
        .gt(0)
        .lt(1)
        .optional()
        .describe(
          'Fraction of the training images held back to choose sizes that are "measured", or arms; no arm trains on them; default: all train',
        ),
      evaluateOn: z
        .enum(evaluatedImages)
        .optional()
        .describe(
          'Images that arms are evaluated on: heldOut (default), or heldBack, those of holdBack, to choose among arms without the held-out images',
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
      decode: z
        .enum(jpegDecodings)
        .optional()
        .describe(
          'Levels of JPEG files: accurate, as in Pillow and browsers (default), or tensorflow, as in tf.data',
        ),
    }),
  ])
  .describe('The images: a source, or a mapping with more settings');

/** The content of an experiment file. */
export const experimentFileSchema: z.ZodType<ExperimentFile> = z
  .strictObject({
    $schema: z.string().optional(),
    version: z.literal(1).describe('Format of this file'),
    dataset,
    preset: z
      .enum(presetNames)
      .optional()
      .describe('A complete FixRes experiment, instead of arms or a grid'),
    sizes: z
      .strictObject({
        small: imageSize.optional(),
        large: z
          .union([imageSize, z.literal('matched')])
          .optional()
          .describe(
            'The same; matched: the size at which objects look as large as in training at the small size',
          ),
      })
      .optional()
      .describe('Sizes that replace those of the preset'),
    epochs: epochs.optional().describe('Epochs from scratch of a preset'),
    finetuneEpochs: epochs.optional().describe('Epochs of fine-tuning of a preset'),
    model: z
      .union([
        z.strictObject({
          name: z
            .enum(modelNames)
            .optional()
            .describe("Architecture; default: the preset's, else resnet50v2"),
          width: within(settingRanges.width)
            .optional()
            .describe(
              "Channels of the stem, which scales all layers; default: the preset's, else the published one",
            ),
        }),
        z.strictObject({
          folder: z
            .string()
            .min(1)
            .describe(
              'A model folder that arms without "initFrom" are initialised from; relative to this file',
            ),
          imageSize: imageSize
            .optional()
            .describe(
              "Image size for a model that takes only one size; default: the size of the first arm's test policy",
            ),
          newClassifier: z
            .enum(['always', 'if-needed'])
            .optional()
            .describe('Default if-needed: if its classes are not those of the data set'),
        }),
      ])
      .optional()
      .describe("Default: the preset's; else resnet50v2 with width 64"),
    arms: z.array(arm).min(1).optional().describe('The models to train and compare, in this order'),
    grid: grid.optional(),
    evaluations: z
      .array(policy)
      .optional()
      .describe("Test policies in addition to the arms' own; every arm is evaluated under all"),
    comparisons: z
      .array(
        z.strictObject({
          a: fileName,
          b: fileName,
          policy: z.string().optional().describe('own (default) or <policy>@<size>'),
        }),
      )
      .optional()
      .describe('Default: each arm with the arm it is initialised from'),
    seeds: z
      .union([seedList, seedsUntil])
      .optional()
      .describe(
        'Each arm is trained once per seed: a list, or as many as a comparison needs; instead of seedCount',
      ),
    seedCount: within(settingRanges.seedCount)
      .optional()
      .describe('Number of seeds, which are then 0, 1, 2 and so on; default 1'),
    batchSize: within(settingRanges.batchSize).optional().describe('Default 32'),
    precision: precision
      .optional()
      .describe(
        'Arithmetic of the training step; auto: the one that the machine computes faster; default float32',
      ),
    normStatistics: z
      .enum(['precise', 'running'])
      .optional()
      .describe(
        'Batch statistics for evaluation: re-estimated from training images (precise) or running; default precise, except in the preset keras',
      ),
    normImages: within(settingRanges.images)
      .optional()
      .describe('Maximum number of training images used to re-estimate them; default 4096'),
    deterministic: z
      .boolean()
      .optional()
      .describe('Same result to the bit in every run on this machine; slower'),
    engine: z
      .enum(engineChoices)
      .optional()
      .describe('Default auto: the fastest that is installed'),
    device: z.enum(deviceChoices).optional().describe('Device of the native engine; default auto'),
    memory: z
      .string()
      .regex(memoryPattern, {
        message: `expected ${allowedMemory}`,
        // Other texts are no amounts at all, so the message lists everything that is allowed.
        abort: true,
      })
      .refine((text) => parseMemory(text) !== undefined, { message: `expected ${allowedMemory}` })
      .optional()
      .describe(
        'Maximum memory of the process, such as 4GB, which training, cached features and cached photos share; default: no maximum',
      ),
    checkpoint: checkpoint.optional().describe('When the state of the training is saved'),
    activations: activations
      .optional()
      .describe(
        'Statistics of the activations before the pooling under every evaluation, before and after fine-tuning; false: none',
      ),
    corruptions: z
      .union([z.boolean(), corruptions])
      .optional()
      .describe(
        'Evaluate every trained arm on corrupted images too, under its own test policy: the corruptions of ImageNet-C; default false',
      ),
    logs: z
      .array(z.enum(furtherLogs))
      .optional()
      .describe(
        'Additional logs: files in the run folder, or the MLflow server of MLFLOW_TRACKING_URI',
      ),
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
      message: 'sizes, epochs and finetuneEpochs require a preset; arms and grids have their own',
    },
  )
  .refine(
    ({ preset, model }) => preset === undefined || model === undefined || !('folder' in model),
    {
      message: 'A preset creates its model; only arms and grids can initialise from a folder',
    },
  )
  .refine(
    ({ preset, evaluations, comparisons }) =>
      preset === undefined || (evaluations ?? comparisons) === undefined,
    {
      message: 'A preset has its own evaluations and comparisons',
    },
  )
  .refine(({ seeds, seedCount }) => seeds === undefined || seedCount === undefined, {
    message: 'seedCount is the number of seeds; give it or the list seeds, not both',
  });

/** Names of grid arms are composed of other names; their length is limited by the file names. */
const plannedName = z.string().regex(/^[\w.@+-]+$/);

/** `@fixres/finetune` checks schedules and freeze policies. */
const plannedArm = z.object({
  name: plannedName,
  description: z.string(),
  initFrom: plannedName.nullable(),
  trainPolicy: wholePolicy,
  testPolicy: wholePolicy,
  measuredSize: z
    .object({
      asked: z.object({ trainPolicy: z.looseObject({}), testPolicy: z.looseObject({}) }),
      candidates: z.array(z.object({ trainPolicy: wholePolicy, testPolicy: wholePolicy })).min(2),
    })
    .optional(),
  epochs: within({ ...settingRanges.epochs, low: 0 }).optional(),
  steps: training.steps,
  cost: z.object({ equalTo: z.string() }).optional(),
  optimizer: training.optimizer,
  layerRates: training.layerRates,
  ema: training.ema,
  labelSmoothing: training.labelSmoothing,
  mix: training.mix,
  loss: training.loss,
  classWeights: training.classWeights,
  sampling: training.sampling,
  clipGradients: training.clipGradients,
  accumulate: training.accumulate,
  dropPath: training.dropPath,
  dropout: training.dropout,
  gradientCheckpointing: training.gradientCheckpointing,
  progressive: z.strictObject({ from: storedSize, ...progressive }).optional(),
  distill: z.object({ teacher: z.string().min(1), digest: z.string(), ...distillation }).optional(),
  earlyStopping: training.earlyStopping,
});

/** A complete experiment, from a file, from options or from code. */
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
      imageSize: storedSize,
      newClassifier: z.enum(['always', 'if-needed']),
      bySeed: z
        .array(z.object({ seed: z.int(), folder: z.string().min(1), digest: z.string() }))
        .optional(),
    }),
  ]),
  arms: z.array(plannedArm).min(1),
  evaluations: z.array(wholePolicy).min(1),
  comparisons: z.array(z.object({ a: z.string(), b: z.string(), policy: z.string() })),
  seeds: seedList.max(settingRanges.seedCount.high),
  seedStopping: z
    .object({
      a: z.string(),
      b: z.string(),
      policy: z.string(),
      until: z.union([
        z.literal('excludes0'),
        z.strictObject({ halfWidth: z.number().positive().max(1) }),
      ]),
    })
    .optional(),
  batchSize: within(settingRanges.batchSize),
  precision: precision.optional(),
  precisionChoice: z.literal('auto').optional(),
  normStatistics: z.enum(['precise', 'running']).optional(),
  normImages: within(settingRanges.images).optional(),
  checkpoint: checkpoint.optional(),
  activations: activations.optional(),
  corruptions: corruptions.optional(),
  factorial: z
    .object({
      of: z.object({ run: z.string(), arm: z.string(), from: z.string() }),
      stages: z
        .array(z.object({ name: z.string().min(1), factors: z.array(z.string().min(1)).min(1) }))
        .min(1),
      cells: z.array(z.object({ arm: z.string(), policy: z.string(), on: z.array(z.string()) })),
      moreEpochs: z.object({ arm: z.string(), policy: z.string() }).optional(),
    })
    .optional(),
});
