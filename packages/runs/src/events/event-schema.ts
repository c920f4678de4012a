import { z } from 'zod';
import { activationQuantiles, RUN_FORMAT, type RunEvent } from './events.ts';

const whole = z.int().min(0);
const number = z.number();
const pixels = whole.describe('Pixels');
const imageSize = z
  .union([whole, z.object({ height: pixels, width: pixels })])
  .describe('Size of the input in pixels: the side of a square, or height and width');
const part = z.number().min(0).max(1);
const text = z.string();
const interval = z.tuple([number, number]).describe('95 % interval: low, high');
const seconds = number.describe('How long it took');
const arm = { arm: text.describe('Name of the arm'), seed: whole.describe('Its seed') };
const policy = text.describe('Name of the test policy');

const engine = z
  .object({
    name: text.describe('tensorflow (native), wasm or cpu'),
    device: text.describe('gpu or cpu'),
    reason: text.describe('Why this engine was chosen, in a sentence'),
    versions: z.record(text, text).describe('Versions of tfjs, and of tensorflow if it is native'),
  })
  .describe('What computes');

const dataset = z
  .object({
    name: text.describe('Name of the data set'),
    classes: z.array(text).describe('In the order of the outputs'),
    train: whole.describe('Number of training images'),
    heldOut: whole.describe('Number of held-out images'),
    skipped: whole.describe('Files left out because they cannot be decoded'),
    multiLabel: z.boolean().optional().describe('Whether an image has any number of labels'),
    thresholdImages: whole
      .optional()
      .describe('Training images held back to choose thresholds, if these are tuned'),
    sizeImages: whole
      .optional()
      .describe('Training images held back to choose measured sizes, if any are'),
    evaluatedOn: z
      .literal('heldBack')
      .optional()
      .describe(
        'Present if arms are evaluated on training images that are held back; heldOut is their number',
      ),
  })
  .describe('The images');

const images = whole.describe('Number of images');
const correct = whole.describe('Images classified correctly');
const total = whole.describe('Images evaluated');
const accuracy = z.object({
  accuracy: part.describe('correct / total'),
  ci95: interval,
  correct,
  total,
});

const metrics = z.object({
  top5: accuracy
    .nullable()
    .describe('Label among the five most probable classes; null with five classes or fewer'),
  nll: number.describe('Mean negative log-likelihood of the labels, in nats'),
  calibration: z
    .object({
      ece: part.describe('Expected calibration error'),
      bins: z
        .array(
          z.object({
            low: part.describe('Confidence of its images is above it'),
            high: part.describe('Confidence of its images is at most this'),
            images,
            confidence: part.nullable().describe('Mean confidence; null in an empty bin'),
            accuracy: part
              .nullable()
              .describe('Fraction classified correctly; null in an empty bin'),
          }),
        )
        .describe('Images by confidence: the probability of the most probable class'),
    })
    .describe('Whether the probabilities are right'),
  confusion: z
    .array(z.array(whole))
    .describe('Number of images with each label (rows) and prediction (columns)'),
  classes: z
    .array(
      z.object({
        correct,
        total: whole.describe('Images of the class'),
        accuracy: part.nullable().describe('correct / total; null without images'),
        ci95: interval.nullable().describe('95 % interval; null without images'),
        precision: part
          .nullable()
          .describe(
            'Fraction of the images predicted as the class that are of it; null if none is',
          ),
      }),
    )
    .describe("In the order of the data set's classes"),
});

const multiLabel = z.object({
  meanAveragePrecision: part
    .nullable()
    .describe('Mean over the classes with images (macro mAP); null without any'),
  f1: z
    .object({
      micro: part.describe('Over all labels of all images'),
      macro: part.describe('Mean over the classes'),
    })
    .describe('At the thresholds'),
  thresholds: z.array(part).describe('From which probability on an image is given each class'),
  classes: z
    .array(
      z.object({
        images: whole.describe('Images with the class'),
        averagePrecision: part
          .nullable()
          .describe('Area under precision over recall; null without images'),
        f1: part.describe('At the threshold of the class'),
        precision: part
          .nullable()
          .describe('Fraction of the images given the class that have it; null if none is'),
        recall: part
          .nullable()
          .describe('Fraction of the images of the class that are given it; null without images'),
      }),
    )
    .describe("In the order of the data set's classes"),
});

const spread = z.object({
  mean: number.describe('Mean of the values'),
  sd: number.describe('Their standard deviation'),
  zeros: part.describe('Fraction of them that is exactly 0'),
  quantiles: z.array(number).describe(`Their quantiles at ${activationQuantiles.join(', ')}`),
});

const imagesPerSecond = number.describe('Images per second');
const tensors = whole.describe('Number of live tensors');

const events = [
  z.object({
    type: z.literal('run-start').describe('Name of the event'),
    format: z.literal(RUN_FORMAT).describe('Version of the files of a run folder'),
    engine,
    dataset,
    config: z.unknown().describe('The complete experiment, as in config.json'),
  }),
  z.object({ type: z.literal('warning'), message: text.describe('One line') }),
  z.object({
    type: z.literal('run-resumed'),
    engine,
    after: z
      .int()
      .min(-1)
      .describe('Number of the last event whose work was saved; that of later ones is repeated'),
    again: z
      .array(
        z.object({
          ...arm,
          after: z.int().min(-1).describe('The same for this arm; -1: nothing was saved'),
        }),
      )
      .readonly()
      .optional()
      .describe('Arms that lost more, because their saved state is damaged'),
  }),
  z.object({
    type: z.literal('arm-start'),
    ...arm,
    epochs: whole.describe('Maximum number of epochs'),
    stepsPerEpoch: whole.describe('Updates of an epoch'),
    steps: whole.optional().describe('Updates in total, if the last epoch is shorter'),
    trainableParameters: whole.describe('Numbers that training changes'),
    from: z
      .object({
        epoch: whole.describe('Completed epochs'),
        step: whole.describe('Completed updates of the next one'),
      })
      .optional()
      .describe('Where the training continues, in a resumed run'),
  }),
  z.object({
    type: z.literal('progress'),
    ...arm,
    phase: z
      .enum(['train', 'statistics', 'evaluate', 'features'])
      .describe(
        'Training, re-estimating batch statistics, evaluation, or computing features of frozen layers',
      ),
    epoch: z.int().min(-1).describe('From 0; -1 for an arm that has no epochs'),
    epochs: whole.describe('Maximum number of epochs'),
    step: whole.describe('Completed steps of the phase'),
    steps: whole.describe('All steps of the phase'),
    loss: number.optional().describe('Mean training loss so far in the epoch'),
    accuracy: part.optional().describe('Accuracy on the training images so far in the epoch'),
    learningRate: number.optional().describe('Learning rate of the step'),
    imagesPerSecond,
    stall: part.describe('Fraction of the time in which the computation waited for images'),
    etaSeconds: number.describe('Estimated time until the whole run ends'),
    rssMb: number.describe('Memory of the process, in 10^6 bytes'),
    tensors,
    tensorMb: number
      .optional()
      .describe('Memory of the live tensors, in 10^6 bytes; on the GPU if it computes'),
    deviceMb: number
      .optional()
      .describe('Memory in use on the GPU, in 10^6 bytes, as its driver reports'),
  }),
  z.object({
    type: z.literal('feature-cache'),
    ...arm,
    where: z.enum(['memory', 'disk', 'nowhere']).describe('Where the features are cached'),
    form: z
      .enum(['maps', 'moments', 'vectors'])
      .nullable()
      .describe('What is cached for a view; null if no layers before those that train are frozen'),
    cut: text.nullable().describe('The last frozen layer'),
    shape: z.array(whole).readonly().describe('Shape of the features of a view'),
    views: whole.describe('Distinct views of the training images'),
    precision: z.enum(['full', 'half']).describe('Of the cached numbers'),
    bytes: number.describe('Size of all views'),
    exact: z.boolean().describe('Whether the result is that of training on images, up to rounding'),
    explanation: text.describe('One to three sentences'),
    from: text.optional().describe('The arm that computed the features, if another one did'),
  }),
  z.object({
    type: z.literal('epoch'),
    ...arm,
    epoch: whole.describe('From 0'),
    loss: number.describe('Mean training loss'),
    accuracy: part.describe('Accuracy on the augmented training images'),
    heldOutAccuracy: part.describe("Accuracy on the held-out images under the arm's test policy"),
    seconds,
    imagesPerSecond,
    tensors,
  }),
  z.object({
    type: z.literal('norm-statistics'),
    ...arm,
    when: z.enum(['before-training', 'after-training']).describe('When they were re-estimated'),
    norms: whole.describe('Number of normalisations'),
    images: whole.describe('Number of training images'),
    seconds: number.describe('Part of the time of the training'),
  }),
  z.object({
    type: z.literal('evaluation'),
    ...arm,
    policy,
    size: imageSize,
    correct,
    total,
    metrics: metrics.optional().describe('Further metrics of the predictions'),
    multiLabel: multiLabel.optional().describe('Of multi-label images, instead of metrics'),
  }),
  z.object({
    type: z.literal('size-chosen'),
    ...arm,
    from: text.describe('The arm that was evaluated'),
    images: whole.describe('Number of training images held back'),
    candidates: z
      .array(z.object({ policy, size: imageSize, correct }))
      .describe('In the order of sizes'),
    chosen: whole.describe('Index of the most accurate candidate; of equal ones, of the smallest'),
  }),
  z.object({
    type: z.literal('corruption'),
    ...arm,
    corruption: text.describe('Name of the corruption'),
    severity: whole.describe('1 to 5'),
    correct,
    total,
  }),
  z.object({
    type: z.literal('activations'),
    ...arm,
    policy,
    size: imageSize,
    state: z
      .enum(['stored', 'trained'])
      .describe('trained: the arm as it is evaluated; stored: the model from a folder, before'),
    layer: text.describe('Layer before the pooling'),
    images,
    shape: z.tuple([whole, whole, whole]).describe('Height, width and channels of its output'),
    map: spread.describe('Every value of its output'),
    pooled: spread.describe('Every component of the spatial means: the input of the classifier'),
  }),
  z.object({
    type: z.literal('frozen-verified'),
    ...arm,
    frozen: whole.describe('Number of frozen variables'),
    moved: whole.describe('How many of them changed: 0'),
  }),
  z.object({
    type: z.literal('arm-end'),
    ...arm,
    trainSeconds: number.describe('Time of its training, without evaluations'),
    trainMultiplyAdds: number
      .optional()
      .describe('Multiply-adds of its training, if they can be counted'),
    peakRssMb: number.describe('Highest memory of the process, in 10^6 bytes'),
  }),
  z.object({
    type: z.literal('checkpoint'),
    ...arm,
    epoch: whole.describe('Completed epochs'),
    step: whole.describe('Completed updates of the next one'),
    seconds,
  }),
  z.object({
    type: z.literal('early-stop'),
    ...arm,
    epoch: whole.describe('The last epoch, from 0'),
    bestEpoch: whole.describe('The best epoch, from 0'),
    value: number.describe('Monitored value of the best epoch'),
    restored: z.boolean().describe('Whether the arm has the weights of the best epoch'),
  }),
  z.object({ type: z.literal('run-end'), seconds: number.describe('Time of the whole run') }),
  z.object({ type: z.literal('run-interrupted') }),
  z.object({
    type: z.literal('run-failed'),
    message: text.describe('One line'),
    code: text.optional().describe('That of the error, for example non-finite-loss'),
    images: z
      .array(text)
      .readonly()
      .optional()
      .describe('Files of the batch, if its loss was not a number'),
  }),
] as const;

/**
 * One line of `events.jsonl`. Later versions of the same format may add events and fields; readers
 * ignore those they do not know. Unknown fields are therefore allowed here and removed from the
 * result of `parse`.
 */
export const eventSchema: z.ZodType<RunEvent> = describing(
  z
    .object({
      n: whole.describe('Number of the event in its run, from 0'),
      time: z.iso.datetime().describe('ISO 8601'),
    })
    .and(z.discriminatedUnion('type', events)),
);

/** The JSON Schema of a line of `events.jsonl`. The package contains it as `events.schema.json`. */
export function eventJsonSchema(): Record<string, unknown> {
  return {
    title: 'Event of a FixRes run',
    ...z.toJSONSchema(eventSchema, { io: 'input', reused: 'ref' }),
  };
}

/**
 * Does not compile if the schema lacks an event of {@link RunEvent}, or has another type for a
 * field.
 */
function describing<T extends z.ZodType>(
  schema: T & ([RunEvent] extends [z.input<T>] ? unknown : never),
): z.ZodType<RunEvent> {
  return schema as unknown as z.ZodType<RunEvent>;
}
