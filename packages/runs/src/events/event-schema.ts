import { z } from 'zod';
import { RUN_FORMAT, type RunEvent } from './events.ts';

const whole = z.int().min(0);
const number = z.number();
const imageSize = z.union([whole, z.object({ height: whole, width: whole })]);
const part = z.number().min(0).max(1);
const text = z.string();
const interval = z.tuple([number, number]);
const arm = { arm: text, seed: whole };

const engine = z.object({
  name: text,
  device: text,
  reason: text,
  versions: z.record(text, text),
});

const dataset = z.object({
  name: text,
  classes: z.array(text),
  train: whole,
  heldOut: whole,
  skipped: whole,
  multiLabel: z.boolean().optional(),
  thresholdImages: whole.optional(),
  sizeImages: whole.optional(),
  evaluatedOn: z.literal('heldBack').optional(),
});

const accuracy = z.object({ accuracy: part, ci95: interval, correct: whole, total: whole });

const metrics = z.object({
  top5: accuracy.nullable(),
  nll: number,
  calibration: z.object({
    ece: part,
    bins: z.array(
      z.object({
        low: part,
        high: part,
        images: whole,
        confidence: part.nullable(),
        accuracy: part.nullable(),
      }),
    ),
  }),
  confusion: z.array(z.array(whole)),
  classes: z.array(
    z.object({
      correct: whole,
      total: whole,
      accuracy: part.nullable(),
      ci95: interval.nullable(),
      precision: part.nullable(),
    }),
  ),
});

const multiLabel = z.object({
  meanAveragePrecision: part.nullable(),
  f1: z.object({ micro: part, macro: part }),
  thresholds: z.array(part),
  classes: z.array(
    z.object({
      images: whole,
      averagePrecision: part.nullable(),
      f1: part,
      precision: part.nullable(),
      recall: part.nullable(),
    }),
  ),
});

const spread = z.object({
  mean: number,
  sd: number,
  zeros: part,
  quantiles: z.array(number),
});

const events = [
  z.object({
    type: z.literal('run-start'),
    format: z.literal(RUN_FORMAT),
    engine,
    dataset,
    config: z.unknown(),
  }),
  z.object({ type: z.literal('warning'), message: text }),
  z.object({
    type: z.literal('run-resumed'),
    engine,
    after: z.int().min(-1),
    again: z
      .array(z.object({ ...arm, after: z.int().min(-1) }))
      .readonly()
      .optional(),
  }),
  z.object({
    type: z.literal('arm-start'),
    ...arm,
    epochs: whole,
    stepsPerEpoch: whole,
    steps: whole.optional(),
    trainableParameters: whole,
    from: z.object({ epoch: whole, step: whole }).optional(),
  }),
  z.object({
    type: z.literal('progress'),
    ...arm,
    phase: z.enum(['train', 'statistics', 'evaluate', 'features']),
    epoch: z.int().min(-1).describe('From 0; -1 for an arm that has no epochs'),
    epochs: whole,
    step: whole,
    steps: whole,
    loss: number.optional(),
    accuracy: part.optional(),
    learningRate: number.optional(),
    imagesPerSecond: number,
    stall: part,
    etaSeconds: number,
    rssMb: number,
    tensors: whole,
    tensorMb: number.optional(),
    deviceMb: number.optional(),
  }),
  z.object({
    type: z.literal('feature-cache'),
    ...arm,
    where: z.enum(['memory', 'disk', 'nowhere']),
    form: z.enum(['maps', 'moments', 'vectors']).nullable(),
    cut: text.nullable(),
    shape: z.array(whole).readonly(),
    views: whole,
    precision: z.enum(['full', 'half']),
    bytes: number,
    exact: z.boolean(),
    explanation: text,
    from: text.optional(),
  }),
  z.object({
    type: z.literal('epoch'),
    ...arm,
    epoch: whole,
    loss: number,
    accuracy: part,
    heldOutAccuracy: part,
    seconds: number,
    imagesPerSecond: number,
    tensors: whole,
  }),
  z.object({
    type: z.literal('norm-statistics'),
    ...arm,
    when: z.enum(['before-training', 'after-training']),
    norms: whole,
    images: whole,
    seconds: number,
  }),
  z.object({
    type: z.literal('evaluation'),
    ...arm,
    policy: text,
    size: imageSize,
    correct: whole,
    total: whole,
    metrics: metrics.optional(),
    multiLabel: multiLabel.optional(),
  }),
  z.object({
    type: z.literal('size-chosen'),
    ...arm,
    from: text,
    images: whole,
    candidates: z.array(z.object({ policy: text, size: imageSize, correct: whole })),
    chosen: whole,
  }),
  z.object({
    type: z.literal('corruption'),
    ...arm,
    corruption: text,
    severity: whole,
    correct: whole,
    total: whole,
  }),
  z.object({
    type: z.literal('activations'),
    ...arm,
    policy: text,
    size: imageSize,
    state: z.enum(['stored', 'trained']),
    layer: text,
    images: whole,
    shape: z.tuple([whole, whole, whole]),
    map: spread,
    pooled: spread,
  }),
  z.object({ type: z.literal('frozen-verified'), ...arm, frozen: whole, moved: whole }),
  z.object({
    type: z.literal('arm-end'),
    ...arm,
    trainSeconds: number,
    trainMultiplyAdds: number.optional(),
    peakRssMb: number,
  }),
  z.object({
    type: z.literal('checkpoint'),
    ...arm,
    epoch: whole,
    step: whole,
    seconds: number,
  }),
  z.object({
    type: z.literal('early-stop'),
    ...arm,
    epoch: whole,
    bestEpoch: whole,
    value: number,
    restored: z.boolean(),
  }),
  z.object({ type: z.literal('run-end'), seconds: number }),
  z.object({ type: z.literal('run-interrupted') }),
  z.object({
    type: z.literal('run-failed'),
    message: text,
    code: text.optional(),
    images: z.array(text).readonly().optional(),
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
