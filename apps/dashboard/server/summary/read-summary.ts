import type {
  ComparisonRecord,
  FactorialRecord,
  RobustnessSummary,
  SeedStoppingRecord,
} from '@fixres/runs';
import { type Fields, fieldsOf, isFields, listOf } from '@fixres/runs/events';
import type { ArmScore, ShownArm, ShownSummary } from '../../shared/protocol.ts';
import { openInside, readPart } from '../open-inside.ts';
import { JsonPruner } from './json-pruner.ts';

const CHUNK = 1 << 20;
/** The fields of a summary to keep; the rest is skipped. */
const MAX_KEPT = 32 << 20;
const MAX_READ = 4 * 2 ** 30;

/**
 * With many classes these fields have many MB; the predictions and the log contain the same data.
 */
const unused = ['metrics', 'curves', 'classes'];
const unusedByTable = [
  ...unused,
  'robustness',
  'activations',
  'comparisons',
  'dataset',
  'overSeeds',
  'multiLabel',
  'apparentSize',
];

/**
 * The page's part of a run's summary, of any size; undefined if there is none or it cannot be read.
 */
export async function readSummary(folder: string): Promise<ShownSummary | undefined> {
  const summary = await readPruned(folder, unused);
  if (!isFields(summary) || !Array.isArray(summary.arms)) return undefined;
  const arms = listOf(summary.arms).flatMap(shownArm);
  if (arms.length === 0) return undefined;
  const { smallestDetectable, seconds } = summary;
  return {
    arms,
    comparisons: listOf(summary.comparisons).filter(isComparison).map(shownComparison),
    ...(isFactorial(summary.factorial) && { factorial: summary.factorial }),
    ...(isRobustness(summary.robustness) && { robustness: summary.robustness }),
    ...(isSeedStopping(summary.seedStopping) && { seedStopping: summary.seedStopping }),
    smallestDetectable: typeof smallestDetectable === 'number' ? smallestDetectable : 0,
    seconds: typeof seconds === 'number' ? seconds : Number.NaN,
  };
}

/**
 * The arms of a run's summary with their accuracies under their own test policies; none if it
 * cannot be read.
 */
export async function readScores(folder: string): Promise<ArmScore[]> {
  const summary = await readPruned(folder, unusedByTable);
  return listOf(fieldsOf(summary).arms).map((arm) => {
    const own = listOf(arm.evaluations)[Number(arm.ownEvaluation)];
    return {
      arm: String(arm.name),
      accuracy: typeof own?.accuracy === 'number' ? own.accuracy : null,
    };
  });
}

async function readPruned(folder: string, keys: readonly string[]): Promise<unknown> {
  const file = await openInside(folder, 'summary.json');
  if (!file) return undefined;
  try {
    const pruner = new JsonPruner(keys);
    for (
      let place = 0;
      place < Math.min(file.info.size, MAX_READ) && pruner.length <= MAX_KEPT;
      place += CHUNK
    )
      pruner.push(await readPart(file.handle, place, Math.min(CHUNK, file.info.size - place)));
    return pruner.length > MAX_KEPT ? undefined : (JSON.parse(pruner.text()) as unknown);
  } catch {
    // The file is incomplete, or is not a summary.
    return undefined;
  } finally {
    await file.handle.close();
  }
}

/**
 * An arm with all fields that the views need. We write summaries ourselves, but a different file
 * with this name must not break the page.
 */
function shownArm(arm: Fields): ShownArm[] {
  if (typeof arm.name !== 'string' || !isImageSize(arm.trainSize)) return [];
  const { initFrom, activations, robustness, ...rest } = arm;
  const measured = listOf(activations).filter(
    (record) =>
      isImageSize(record.size) &&
      isSpread(record.map) &&
      isSpread(record.pooled) &&
      Array.isArray(record.shape),
  );
  const shown = {
    ...rest,
    initFrom: typeof initFrom === 'string' ? initFrom : null,
    evaluations: listOf(arm.evaluations).filter(isEvaluation).map(shownEvaluation),
    ...(measured.length > 0 && { activations: measured }),
    ...(isRobust(robustness) && { robustness }),
  };
  return [shown as unknown as ShownArm];
}

/** A side, or height and width. */
function isImageSize(value: unknown): boolean {
  const { height, width } = isFields(value) ? value : { height: value, width: value };
  return typeof height === 'number' && typeof width === 'number';
}

/** An evaluation without multi-label metrics that cannot be shown. */
function shownEvaluation({ multiLabel, ...evaluation }: Fields): Fields {
  const { mean, ci95 } = fieldsOf(fieldsOf(multiLabel).meanAveragePrecision);
  return typeof mean === 'number' && isInterval(ci95) ? { ...evaluation, multiLabel } : evaluation;
}

function isEvaluation({ policy, size, accuracy, ci95 }: Fields): boolean {
  return (
    typeof policy === 'string' &&
    isImageSize(size) &&
    typeof accuracy === 'number' &&
    isInterval(ci95)
  );
}

function isComparison(value: Fields): value is Fields & ComparisonRecord {
  const { a, b, policy, difference, ci95, pAdjusted } = value;
  return (
    [a, b, policy].every((text) => typeof text === 'string') &&
    typeof difference === 'number' &&
    typeof pAdjusted === 'number' &&
    isInterval(ci95)
  );
}

/** A comparison without one of mean average precision that cannot be shown. */
function shownComparison({
  meanAveragePrecision: precision,
  ...comparison
}: ComparisonRecord): ComparisonRecord {
  const { difference, ci95, pAdjusted, verdict } = fieldsOf(precision);
  const isWhole =
    typeof difference === 'number' &&
    typeof pAdjusted === 'number' &&
    typeof verdict === 'string' &&
    isInterval(ci95);
  return isWhole ? { ...comparison, meanAveragePrecision: precision! } : comparison;
}

function isFactorial(value: unknown): value is FactorialRecord {
  const { of, base, full, gain, stages, factors, interactions, moreEpochs } = fieldsOf(value);
  const { arm, from } = fieldsOf(of);
  return (
    [arm, from].every((text) => typeof text === 'string') &&
    [base, full].every((accuracy) => typeof accuracy === 'number') &&
    isEffect(gain) &&
    Array.isArray(stages) &&
    listOf(stages).every((stage) => typeof stage.name === 'string' && isEffect(stage)) &&
    listOf(factors).length > 0 &&
    listOf(factors).every(
      ({ factor, share, alone, last, main }) =>
        typeof factor === 'string' &&
        [share, alone, last, main].every(isEffect) &&
        typeof fieldsOf(share).pAdjusted === 'number',
    ) &&
    Array.isArray(interactions) &&
    listOf(interactions).every(
      (each) => [each.a, each.b].every((text) => typeof text === 'string') && isEffect(each),
    ) &&
    (moreEpochs === undefined || isEffect(moreEpochs))
  );
}

/** How the number of seeds was decided. */
function isSeedStopping(value: unknown): value is SeedStoppingRecord {
  const { a, b, policy, until, max, values, ci95 } = fieldsOf(value);
  return (
    [a, b, policy].every((text) => typeof text === 'string') &&
    (until === 'excludes0' || typeof fieldsOf(until).halfWidth === 'number') &&
    typeof max === 'number' &&
    Array.isArray(values) &&
    values.every((each) => typeof each === 'number') &&
    (ci95 === null || isInterval(ci95))
  );
}

/** The results of an arm on corrupted images. */
function isRobust(value: unknown): boolean {
  const { accuracy, clean, ci95, mce, conditions } = fieldsOf(value);
  return (
    [accuracy, clean].every((each) => typeof each === 'number') &&
    isInterval(ci95) &&
    (mce === null || typeof mce === 'number') &&
    listOf(conditions).length > 0 &&
    listOf(conditions).every(
      (each) =>
        typeof each.corruption === 'string' &&
        [each.severity, each.accuracy].every((number) => typeof number === 'number'),
    )
  );
}

function isRobustness(value: unknown): value is RobustnessSummary {
  const { baseline, corruptions, severities, comparisons } = fieldsOf(value);
  return (
    typeof baseline === 'string' &&
    Array.isArray(corruptions) &&
    Array.isArray(severities) &&
    listOf(comparisons).every(
      ({ a, b, difference, ci95, pAdjusted, verdict, clean, kept }) =>
        [a, b, verdict].every((text) => typeof text === 'string') &&
        [difference, pAdjusted, clean].every((number) => typeof number === 'number') &&
        isInterval(ci95) &&
        isEffect(kept),
    )
  );
}

function isEffect(value: unknown): boolean {
  const { difference, ci95 } = fieldsOf(value);
  return typeof difference === 'number' && isInterval(ci95);
}

function isInterval(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === 'number')
  );
}

function isSpread(value: unknown): boolean {
  return isFields(value) && typeof value.mean === 'number' && Array.isArray(value.quantiles);
}
