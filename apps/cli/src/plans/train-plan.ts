import { resolve } from 'node:path';
import { type ImageSize, imageSizeText, namedPolicy } from '@fixres/data';
import { type ModelName, stemWidths } from '@fixres/models';
import { classifierFit, modelFacts, modelFolderOf, withRunSplit } from '@fixres/runner/node';
import { trainDefaults } from '../api/defaults.ts';
import { defaultRunFolder } from '../files/run-place.ts';
import { armExperiment } from '../run/arm-experiment.ts';
import { repeatingCommand } from '../run/repeating-command.ts';
import { chosenSeeds } from './chosen-seeds.ts';
import { specified } from '../training-choice/specified.ts';
import type { PlannedRun } from './planned-run.ts';
import { checkTestPolicy, planOf, type TrainingOptions } from '../run/training-options.ts';

/** Options of `train`. */
export interface TrainOptions extends Omit<TrainingOptions, 'learningRate'> {
  /** Default: that of the recipe, or 1e-3. */
  learningRate?: number | undefined;
  model: ModelName;
  initFrom?: string;
  arm?: string;
  seed?: number;
  width?: number;
  imageSize: ImageSize;
  trainPolicy: string;
  testPolicy: string;
}

/**
 * The plan of a training from scratch, or initialised from another model.
 *
 * @param note receives notes for the user, one line each
 */
export async function trainPlan(
  datasetName: string,
  options: TrainOptions,
  note: (text: string) => void,
): Promise<PlannedRun> {
  const { model, imageSize: size, epochs, initFrom } = options;
  const width = options.width ?? stemWidths[model];
  const testPolicy = namedPolicy(options.testPolicy, { size });
  checkTestPolicy(testPolicy);
  const folder =
    initFrom === undefined ? undefined : resolve(await modelFolderOf(initFrom, options));
  const facts = folder === undefined ? undefined : await modelFacts(folder);
  const settings = {
    arms: [
      {
        name: 'trained',
        description: initFrom
          ? `Initialised from ${initFrom}, trained at ${imageSizeText(size)} px.`
          : `From scratch at ${imageSizeText(size)} px.`,
        initFrom: null,
        trainPolicy: namedPolicy(options.trainPolicy, { size }),
        testPolicy,
        epochs,
        schedule: {
          type: 'constant',
          // A recipe replaces a rate that is not given.
          rate: options.learningRate ?? trainDefaults.learningRate,
        },
        freeze: 'all',
      } as const,
    ],
    seeds: chosenSeeds(options) ?? [0],
    batchSize: options.batchSize,
    normStatistics: options.normStatistics,
    normImages: options.normImages,
  };
  const command = repeatingCommand(['train', datasetName], options);
  const out =
    options.out ??
    defaultRunFolder(datasetName, `${facts ? 'trained-on' : model}-${imageSizeText(size)}`);
  const { dataset, ...plan } = await planOf(datasetName, options);
  return {
    folder: out,
    plan: {
      ...plan,
      dataset: facts ? withRunSplit(dataset, facts) : dataset,
      start: facts,
      command,
      experiment: specified(options, async (_, openDataset) => {
        if (facts === undefined)
          return armExperiment({ ...settings, model: { name: model, width } });
        const fit = classifierFit(facts, await openDataset(), false);
        if (fit.note !== undefined) note(fit.note);
        return armExperiment({
          ...settings,
          model: {
            folder: folder!,
            digest: facts.digest,
            imageSize: size,
            newClassifier: fit.newClassifier,
          },
        });
      }),
    },
  };
}
