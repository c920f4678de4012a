import { experimentDefaults, optimizerDefaults } from '../experiment/experiment-defaults.ts';
import { type Fields, fieldsOf, isFields } from '../fields.ts';

/**
 * An experiment file with every setting that it leaves to its default. Arms have no entry for what they lack by default: a moving average
 * of the weights, early stopping, factors on the learning rate by layer.
 *
 * @param file with arms; see {@link writtenExperiment}
 */
export function completeExperiment(file: Fields): Fields {
  const { dataset, arms, precision, normImages, checkpoint, activations, ...rest } = file;
  const { engine, device, deterministic, logs, ...experiment } = rest;
  const complete = {
    version: 1,
    dataset: {
      ...(typeof dataset === 'string' ? { source: dataset } : fieldsOf(dataset)),
      ...missing(fieldsOf(dataset), { heldOut: 0.1, skipCorrupt: false, maxMegapixels: 67.1 }),
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
    logs: logs ?? [],
  };
  return JSON.parse(JSON.stringify(complete)) as Fields;
}

function completeArm(arm: unknown): Fields {
  const {
    optimizer = { type: 'adam' },
    freeze = 'all',
    labelSmoothing = 0,
    ...rest
  } = fieldsOf(arm);
  const settings = isFields(optimizer) ? optimizer : { type: optimizer };
  const defaults = settings.type === 'sgd' ? optimizerDefaults.sgd : optimizerDefaults.adam;
  return {
    ...rest,
    freeze,
    optimizer: { ...settings, ...missing(settings, defaults) },
    labelSmoothing,
  };
}

/** The defaults of fields that are not given. */
function missing(given: Fields, defaults: object): Fields {
  return Object.fromEntries(
    Object.entries(defaults as Fields).filter(([name]) => given[name] === undefined),
  );
}
