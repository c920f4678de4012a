import type { ImageSize } from '@fixres/data/names';
import { allowedBy, isWithin, presetNames } from '@fixres/runs/names';
import { FixresDashboardError } from '../errors.ts';
import { type Fields, fieldsOf, renameConfigKeys, writtenExperiment } from '@fixres/runs/events';
import { presetLimits } from '../../shared/preset-limits.ts';
import type { PresetStart } from '../../shared/protocol.ts';

/**
 * The experiment file of a preset with settings of a form.
 *
 * @param asked a {@link PresetStart}, untrusted
 * @param datasets allowed values of `dataset`: the entries of experiment files, by their names on
 * the page
 * @throws FixresDashboardError `bad-option`
 */
export function presetExperiment(
  asked: Partial<Record<keyof PresetStart, unknown>>,
  datasets: ReadonlyMap<string, DatasetEntry>,
): Fields {
  const { preset, dataset } = asked;
  if (!presetNames.some((name) => name === preset))
    throw refused('preset', preset, `one of ${presetNames.join(', ')}`);
  const entry = typeof dataset === 'string' ? datasets.get(dataset) : undefined;
  if (!entry) throw refused('dataset', dataset, `one of ${[...datasets.keys()].join(', ')}`);
  const settings = Object.fromEntries(
    Object.keys(presetLimits).map((name) => [
      name,
      settingOf(asked, name as keyof typeof presetLimits),
    ]),
  );
  const { small, large, width, epochs, finetuneEpochs, seedCount, batchSize, limit } = settings;
  const file = {
    version: 1,
    dataset: { ...entry, limit },
    preset,
    sizes: (small ?? large) === undefined ? undefined : { small, large },
    model: width === undefined ? undefined : { width },
    epochs,
    finetuneEpochs,
    seedCount,
    batchSize,
  };
  // Removes the missing fields.
  return JSON.parse(JSON.stringify(file)) as Fields;
}

function settingOf(
  asked: Partial<Record<keyof PresetStart, unknown>>,
  name: keyof typeof presetLimits,
): ImageSize | undefined {
  const value = asked[name];
  const range = presetLimits[name];
  const isAllowed = (side: unknown): side is number =>
    typeof side === 'number' && isWithin(side, range);
  if (value === undefined || value === null) return undefined;
  if (isAllowed(value)) return value;
  const isSize = name === 'small' || name === 'large';
  const { height, width } = fieldsOf(value);
  if (isSize && isAllowed(height) && isAllowed(width)) return { height, width };
  throw refused(name, value, `${allowedBy(range)}${isSize ? ', or height and width' : ''}`);
}

/**
 * The experiment file that repeats a run, from its `config.json`.
 *
 * @param dataset the run's data set, with absolute paths
 * @throws FixresDashboardError `bad-option` if a file cannot describe the run
 */
export function experimentOfRun(config: unknown, dataset: DatasetEntry): Fields {
  const { experiment, engine, device, deterministic, logs } = fieldsOf(renameConfigKeys(config));
  const { arms, model } = fieldsOf(experiment);
  if (!Array.isArray(arms) || arms.length === 0)
    throw new FixresDashboardError('bad-option', 'The configuration of the run has no arms.');
  if (typeof fieldsOf(model).name !== 'string') {
    throw new FixresDashboardError(
      'bad-option',
      'The run was initialised from a model folder, which the page cannot repeat. Use the ' +
        'command in its configuration.',
    );
  }
  const file = {
    version: 1,
    dataset,
    ...writtenExperiment(experiment),
    deterministic,
    engine,
    device,
    logs,
  };
  return JSON.parse(JSON.stringify(file)) as Fields;
}

/** A data set in the form of an experiment file. */
export interface DatasetEntry {
  source: string;
  archive?: string | undefined;
  limit?: unknown;
  heldOut?: unknown;
  skipCorrupt?: unknown;
  splitByGroup?: unknown;
  dropLeaks?: unknown;
  labelKey?: unknown;
  classNames?: unknown;
  classIds?: unknown;
  nestedClasses?: unknown;
  multiLabel?: unknown;
  labelSeparator?: unknown;
  tuneThresholds?: unknown;
  holdBack?: unknown;
  allowOutside?: unknown;
  maxMegapixels?: unknown;
  decode?: unknown;
}

/** The data set of a run for an experiment file, or undefined if its configuration has none. */
export function datasetEntry(config: unknown): DatasetEntry | undefined {
  const {
    source,
    archive,
    limit,
    heldOut,
    skipCorrupt,
    splitByGroup,
    dropLeaks,
    labelKey,
    classNames,
    classIds,
    nestedClasses,
    multiLabel,
    labelSeparator,
    tuneThresholds,
    holdBack,
    allowOutside,
    maxMegapixels,
    decode,
  } = fieldsOf(fieldsOf(config).dataset);
  if (typeof source !== 'string') return undefined;
  return {
    source,
    archive: typeof archive === 'string' ? archive : undefined,
    limit,
    heldOut,
    skipCorrupt,
    splitByGroup,
    dropLeaks,
    labelKey,
    classNames,
    classIds,
    nestedClasses,
    multiLabel,
    labelSeparator,
    tuneThresholds,
    holdBack,
    allowOutside,
    maxMegapixels,
    decode,
  };
}

function refused(name: string, value: unknown, allowed: string): FixresDashboardError {
  return new FixresDashboardError(
    'bad-option',
    `"${name}" is ${value === undefined ? 'missing' : JSON.stringify(value)}; it must be ${allowed}.`,
  );
}
