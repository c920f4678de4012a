import { mixDefaults } from '@fixres/data';
import { DEFAULT_REFERENCE_BATCH } from '@fixres/finetune/settings';
import {
  distillDefaults,
  earlyStoppingDefaults,
  emaDefaults,
  experimentDefaults,
  lossDefaults,
  optimizerDefaults,
  progressiveDefaults,
  weightDecayDefaults,
} from '../experiment/experiment-defaults.ts';
import { type Fields, fieldsOf, isFields } from '../fields.ts';

/**
 * Adds the defaults of all missing settings to an experiment file. Settings of arms that are off by
 * default stay missing, for example moving average of the weights, mixing of batches, early stopping
 * and layer rates.
 *
 * @param file with arms; see {@link writtenExperiment}
 */
export function completeExperiment(file: Fields): Fields {
  const { dataset, arms, precision, normImages, checkpoint, activations, ...rest } = file;
  const { engine, device, deterministic, memory, logs, ...experiment } = rest;
  const complete = {
    version: 1,
    dataset: {
      ...(typeof dataset === 'string' ? { source: dataset } : fieldsOf(dataset)),
      ...missing(fieldsOf(dataset), {
        heldOut: 0.1,
        skipCorrupt: false,
        dropLeaks: false,
        maxMegapixels: 67.1,
        decode: 'accurate',
      }),
    },
    ...experiment,
    arms: Array.isArray(arms) ? (arms as unknown[]).map(completeArm) : arms,
    precision: precision ?? experimentDefaults.precision,
    normImages: normImages ?? experimentDefaults.normImages,
    checkpoint: { ...experimentDefaults.checkpoint, ...fieldsOf(checkpoint) },
    activations:
      activations === false
        ? false
        : { ...experimentDefaults.activations, ...fieldsOf(activations) },
    engine: engine ?? 'auto',
    device: device ?? 'auto',
    deterministic: deterministic ?? false,
    memory,
    logs: logs ?? [],
  };
  return JSON.parse(JSON.stringify(complete)) as Fields;
}

function completeArm(arm: unknown): Fields {
  const { optimizer = {}, schedule, freeze = 'all', labelSmoothing = 0, ...rest } = fieldsOf(arm);
  const { ema, earlyStopping, progressive, distill, mix, ...others } = rest;
  const { loss = 'cross-entropy', ...training } = others;
  const settings = isFields(optimizer) ? optimizer : { type: optimizer };
  const { type = 'adam', weightDecay, ...own } = settings;
  return {
    ...training,
    freeze,
    optimizer: {
      type,
      ...defaultsOf(optimizerDefaults, type),
      ...own,
      ...completed({ weightDecay }, weightDecayDefaults),
    },
    schedule: completeSchedule(fieldsOf(schedule)),
    labelSmoothing,
    ...completed({ mix }, mixDefaults),
    loss: completeLoss(loss),
    ...completed({ ema }, emaDefaults),
    ...completed({ earlyStopping }, earlyStoppingDefaults),
    ...completed({ progressive }, progressiveDefaults),
    ...completed({ distill }, distillDefaults),
  };
}

/** A setting that is off if it is missing, with the defaults of its fields. */
function completed(setting: Fields, defaults: object): Fields {
  return Object.fromEntries(
    Object.entries(setting)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, { ...defaults, ...fieldsOf(value) }]),
  );
}

function completeLoss(loss: unknown): Fields {
  const { type, ...own } = isFields(loss) ? loss : { type: loss };
  return { type, ...defaultsOf(lossDefaults, type), ...own };
}

/** The defaults of a type; none for a type that does not exist. */
function defaultsOf(defaults: object, type: unknown): Fields {
  return fieldsOf(Object.entries(defaults).find(([name]) => name === type)?.[1]);
}

function completeSchedule({ scaling, ...own }: Fields): Fields {
  const schedule = {
    ...own,
    ...completed({ scaling }, { referenceBatch: DEFAULT_REFERENCE_BATCH }),
  };
  return { ...schedule, ...missing(schedule, scheduleDefaults(schedule)) };
}

function scheduleDefaults({ type, parts }: Fields): object {
  if (type === 'cosine') return { minimum: 0 };
  if (type !== 'step') return {};
  return parts === undefined ? { factor: 0.1, every: 30 } : { factor: 0.1 };
}

/** The defaults of missing fields. */
function missing(given: Fields, defaults: object): Fields {
  return Object.fromEntries(
    Object.entries(defaults as Fields).filter(([name]) => given[name] === undefined),
  );
}
