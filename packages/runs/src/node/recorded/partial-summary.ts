import { type ArmResult, summarize } from '../../results/summarize.ts';
import type { DatasetRecord, EngineRecord, RunEvent, Summary } from '../../events/events.ts';
import { evaluationKey, type Experiment } from '../../experiment/experiment.ts';
import { readPredictions } from './read-predictions.ts';

export interface PartialSummary {
  summary: Summary | null;
  seeds: number[];
  /** Messages about files that cannot be read. */
  warnings: string[];
}

/**
 * Summary of the finished arms of an unfinished run. If some seeds are finished for all arms, only
 * these count, so that all numbers are based on the same images and seeds; otherwise the arms of
 * the first seed.
 */
export async function partialSummary(
  folder: string,
  experiment: Experiment,
  events: readonly RunEvent[],
  run: { engine: EngineRecord; dataset: DatasetRecord; seconds: number },
): Promise<PartialSummary> {
  const ends = events.filter((event) => event.type === 'arm-end');
  const endOf = (arm: string, seed: number): (typeof ends)[number] | undefined =>
    ends.find((end) => end.arm === arm && end.seed === seed);
  const whole = experiment.seeds.filter((seed) =>
    experiment.arms.every(({ name }) => endOf(name, seed) !== undefined),
  );
  const seeds = whole.length > 0 ? whole : experiment.seeds.slice(0, 1);
  const warnings: string[] = [];

  const results: ArmResult[] = [];
  for (const spec of experiment.arms) {
    const done = await Promise.all(
      seeds.map(async (seed) => {
        const end = endOf(spec.name, seed);
        if (end === undefined) return undefined;
        const correct = new Map<string, Uint8Array>();
        const scores = new Map<string, Float32Array>();
        let targets: Uint8Array | undefined;
        for (const policy of experiment.evaluations) {
          const evaluation = evaluationKey(policy);
          const predictions = await readPredictions(
            folder,
            { arm: spec.name, seed, evaluation },
            run.dataset.classes,
          );
          if (predictions?.labels.length !== run.dataset.heldOut) {
            warnings.push(
              `The predictions of ${spec.name}, seed ${seed}, under ${evaluation} are missing or damaged; the arm is left out.`,
            );
            return undefined;
          }
          correct.set(evaluation, predictions.correct);
          scores.set(evaluation, predictions.probabilities);
          targets = predictions.targets;
        }
        const own = events.filter(
          (event) => 'arm' in event && event.arm === spec.name && event.seed === seed,
        );
        const curve = own.filter((event) => event.type === 'epoch');
        const activations = own.filter((event) => event.type === 'activations');
        const featuresFrom = own.findLast((event) => event.type === 'feature-cache')?.from;
        const thresholds = own.findLast((event) => event.type === 'evaluation')?.multiLabel
          ?.thresholds;
        const { trainSeconds, trainMultiplyAdds, peakRssMb } = end;
        return {
          seed,
          trainSeconds,
          ...(trainMultiplyAdds !== undefined && { trainMultiplyAdds }),
          peakRssMb,
          curve,
          correct,
          activations,
          ...(targets && thresholds && { multiLabel: { targets, scores, thresholds } }),
          ...(featuresFrom && { featuresFrom }),
        };
      }),
    );
    const ready = done.filter((result) => result !== undefined);
    if (ready.length === seeds.length) results.push({ spec, seeds: ready });
  }
  if (results.length === 0) return { summary: null, seeds: [], warnings };
  const isDone = (arm: string): boolean => results.some(({ spec }) => spec.name === arm);
  const comparisons = experiment.comparisons.filter(({ a, b }) => isDone(a) && isDone(b));
  return { summary: summarize({ ...experiment, comparisons }, results, run), seeds, warnings };
}
