import {
  armCard,
  armsToMeasure,
  type Experiment,
  multiLabelHead,
  type ArmResult,
  decideSeeds,
  type PlannedExperiment,
  type StateArrays,
  summarize,
  type Summary,
} from '@fixres/runs';
import { FeatureShelf } from '../cached/feature-shelf.ts';
import { resolveCosts } from '../compute/resolve-costs.ts';
import { imageCounts } from '../progress/arm-work.ts';
import { Eta } from '../progress/eta.ts';
import { readWeights, writeWeights } from '../training/model-weights.ts';
import type { ArmContext } from './arm-context.ts';
import { measureSizes, type Predict, requireMeasurable } from './measure-sizes.ts';
import { rehearse } from './rehearse.ts';
import { runArm } from './run-arm.ts';
import type { RunExperimentOptions } from './run-experiment-options.ts';
import { startModel } from './start-model.ts';

/**
 * Runs all arms of an experiment for all seeds, one after another, and compares them. With
 * `seedStopping`, it ends after the seed with which the comparison is precise enough. An arm is
 * trained once, however many others are initialised from it. Before the first step, all arms are
 * rehearsed, and lengths are derived from costs. Sizes that are measured are chosen when the first arm
 * is trained.
 *
 * @param planned with a precision; `precision: 'auto'` is resolved by `resolvePrecision` of
 * `@fixres/runner/node`
 * @throws FixresRunnerError; FixresFinetuneError if a frozen layer changed; the signal's reason
 * when aborted
 */
export async function runExperiment(
  planned: PlannedExperiment,
  options: RunExperimentOptions,
): Promise<Summary> {
  const { engine, dataset, checkpoints: store, secondsBefore = 0, openModel } = options;
  const { openTeacher } = options;
  const { multiLabel = false } = dataset;
  const started = performance.now();
  const classes = dataset.classes.length;
  if (!options.isRehearsed)
    await rehearse(planned, { classes, multiLabel, openModel, openTeacher });
  const { sizeImages, cluster } = options;
  requireMeasurable(planned, {
    hasImages: sizeImages !== undefined,
    processes: cluster?.ranks ?? 1,
    multiLabel,
  });
  const withLengths = (each: PlannedExperiment): Promise<Experiment> =>
    resolveCosts(each, {
      trainImages: options.train.size,
      classes,
      multiLabel,
      openModel,
      openTeacher,
    });
  let experiment = await withLengths(planned);
  const eta = new Eta(experiment, imageCounts(options.train.size, options));
  const results: ArmResult[] = experiment.arms.map((spec) => ({ spec, seeds: [] }));

  /** When the first arm is trained: all others, and all evaluations, depend on the choice. */
  const measured = async (predict: Predict): Promise<Experiment> => {
    const { arms, seeds } = experiment;
    const [first] = arms;
    const seed = seeds[0]!;
    if (armsToMeasure(experiment).length > 0) {
      experiment = await measureSizes(experiment, predict, {
        from: { from: first!.name, seed },
        sizeImages: sizeImages!,
        withLengths,
      });
      for (const [i, result] of results.entries()) result.spec = experiment.arms[i]!;
      await options.onExperiment?.(experiment);
      eta.plan(experiment);
      eta.strike(first!, true);
    }
    for (const { name, measuredSize } of experiment.arms)
      if (measuredSize?.choice)
        options.onEvent({ type: 'size-chosen', arm: name, ...measuredSize.choice });
    return experiment;
  };

  const shelf = new FeatureShelf();
  try {
    for (const seed of experiment.seeds) {
      // Trained weights that later arms of this seed are initialised from.
      const trained = new Map<string, StateArrays>();
      for (const [i, { spec, seeds }] of results.entries()) {
        const isNeeded = experiment.arms.some(({ initFrom }, j) => j > i && initFrom === spec.name);
        const finished = await store?.loadFinished(spec.name, seed);
        if (finished) {
          seeds.push(finished.result);
          if (isNeeded && finished.weights) trained.set(spec.name, finished.weights);
          eta.strike(spec, seed === experiment.seeds[0]);
          continue;
        }
        const { model, architecture } = await startModel(experiment.model, seed, {
          classes,
          multiLabel,
          openModel,
        });
        try {
          const card = armCard(spec, dataset.classes, architecture, {
            decode: options.decode,
            head: multiLabel ? multiLabelHead(classes) : undefined,
          });
          if (spec.initFrom !== null) writeWeights(model, trained.get(spec.initFrom)!);
          const isFirst = i === 0 && seed === experiment.seeds[0];
          const context: ArmContext = {
            experiment,
            seed,
            card,
            options,
            store,
            shelf,
            eta,
            measureSizes: isFirst ? measured : undefined,
          };
          const arm = await runArm(model, spec, context);
          const weights = isNeeded ? await readWeights(model) : undefined;
          await store?.saveFinished(spec.name, seed, { ...arm, weights });
          seeds.push(arm.result);
          if (weights) trained.set(spec.name, weights);
        } finally {
          model.dispose();
        }
      }
      if (decideSeeds(experiment, results)?.isReached) break;
    }
  } finally {
    await shelf.dispose();
  }

  const seconds = secondsBefore + (performance.now() - started) / 1000;
  return summarize(experiment, results, { engine, dataset, seconds }, options.imageSizes);
}
