import { isMissing, type Missing, type ReportRun } from '@fixres/runs/report';
import { basename, resolve } from 'node:path';
import {
  armMetrics,
  evaluationKey,
  type RecordedPredictions,
  type RecordedRun,
} from '@fixres/runs';
import { readPredictions, readRunLeaks } from '@fixres/runs/node';
import { apparentSizes } from './apparent-sizes.ts';
import { armCosts } from './arm-costs.ts';
import { armMistakes } from './arm-mistakes.ts';
import { leakPictures, type SimilarImages, similarPictures } from './leak-pictures.ts';
import { collectSamples } from './collect-samples.ts';
import type { RunImages } from './run-images.ts';

/** Number of mistakes per arm: fewer if there are many arms, so that the file stays small. */
const MISTAKES = { few: 8, many: 4 };
const FEW_ARMS = 4;

/**
 * Computes everything in the report of a run: from its folder, and from its images if they can be
 * opened. An engine must have been selected, although nothing is computed with it.
 *
 * @param similar what a model finds alike; default: the report does not show it
 */
export async function gatherRun(
  run: RecordedRun,
  images: RunImages | Missing,
  similar?: SimilarImages | Missing,
): Promise<ReportRun> {
  const { config, dataset, summary, seeds } = run;
  const { experiment } = config;
  const arms = summary?.arms ?? [];
  const warnings = [...run.warnings];
  const own = await Promise.all(
    arms.map(async ({ name }) => {
      const spec = experiment.arms.find((arm) => arm.name === name);
      if (spec === undefined) return { name, predictions: [] };
      const evaluation = evaluationKey(spec.testPolicy);
      const read = await Promise.all(
        seeds.map((seed) =>
          readPredictions(run.folder, { arm: name, seed, evaluation }, dataset!.classes),
        ),
      );
      const predictions = read.filter(
        (each): each is RecordedPredictions => each?.files.length === dataset!.heldOut,
      );
      if (predictions.length < seeds.length)
        warnings.push(`Predictions of ${name} under ${evaluation} are missing or damaged.`);
      return { name, predictions };
    }),
  );
  // Confusions and mistakes are those of images of one class.
  const predicted = dataset?.multiLabel
    ? []
    : own.filter(({ predictions }) => predictions.length > 0);
  const leaks = await readRunLeaks(run.folder);
  const most = arms.length <= FEW_ARMS ? MISTAKES.few : MISTAKES.many;
  return {
    ...run,
    name: basename(resolve(run.folder)),
    warnings,
    metrics: predicted.map(({ name, predictions }) => armMetrics(name, predictions)),
    mistakes: await Promise.all(
      predicted.map(({ name, predictions }) =>
        armMistakes(name, predictions, dataset!.classes, images, most),
      ),
    ),
    costs: await armCosts(run),
    apparentSizes: await apparentSizes(experiment, images).catch(missing),
    leaks: leaks ? await leakPictures(leaks, images) : null,
    ...(similar && {
      similar: isMissing(similar) ? similar : await similarPictures(similar, leaks, images),
    }),
    samples: isMissing(images) ? images : await collectSamples(experiment, images).catch(missing),
  };
}

function missing(error: unknown): Missing {
  return { missing: (error as Error).message };
}
