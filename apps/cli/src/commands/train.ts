import { resolve } from 'node:path';
import { namedPolicy } from '@fixres/data';
import { type ModelName, stemWidths } from '@fixres/models';
import { classifierFit, modelFacts, modelFolderOf, withRunSplit } from '@fixres/runner/node';
import { defaultRunFolder } from '../run-place.ts';
import { armExperiment } from '../run/arm-experiment.ts';
import { resultForm, runTerminal } from '../run/output-options.ts';
import { repeatingCommand } from '../run/repeating-command.ts';
import { checkTestPolicy, planOf, type TrainingOptions } from '../run/training-options.ts';
import { startRun } from '../run/start-run.ts';

/** Options of `fixres train`, as the command line gives them. */
export interface TrainOptions extends TrainingOptions {
  model: ModelName;
  initFrom?: string;
  arm?: string;
  seed?: number;
  width?: number;
  size: number;
  policy: string;
  testPolicy: string;
}

/** Trains a model from scratch, or on from where another one stands, writes its run folder and prints the result. */
export async function train(datasetName: string, options: TrainOptions): Promise<void> {
  const { model, size, epochs, learningRate, initFrom } = options;
  const width = options.width ?? stemWidths[model];
  const testPolicy = namedPolicy(options.testPolicy, { size });
  checkTestPolicy(testPolicy);
  const terminal = runTerminal(options);
  const folder =
    initFrom === undefined ? undefined : resolve(await modelFolderOf(initFrom, options));
  const facts = folder === undefined ? undefined : await modelFacts(folder);
  const settings = {
    arms: [
      {
        name: 'trained',
        description: initFrom
          ? `Goes on from the weights of ${initFrom} at ${size} px.`
          : `From scratch at ${size} px.`,
        initFrom: null,
        trainPolicy: namedPolicy(options.policy, { size }),
        testPolicy,
        epochs,
        schedule: { type: 'constant', rate: learningRate },
        freeze: 'all',
      } as const,
    ],
    seeds: options.seeds,
    batchSize: options.batch,
    normStatistics: options.normStatistics,
    normImages: options.normImages,
  };
  const command = repeatingCommand(['train', datasetName], options);
  const out =
    options.out ?? defaultRunFolder(datasetName, `${facts ? 'trained-on' : model}-${size}`);
  const { dataset, ...plan } = await planOf(datasetName, options);
  await startRun(
    {
      ...plan,
      dataset: facts ? withRunSplit(dataset, facts) : dataset,
      start: facts,
      command,
      experiment: async (_, openDataset) => {
        if (facts === undefined)
          return armExperiment({ ...settings, model: { name: model, width } });
        const { newClassifier, note } = classifierFit(facts, await openDataset(), false);
        if (note !== undefined) terminal.line(note);
        return armExperiment({
          ...settings,
          model: { folder: folder!, digest: facts.digest, size, newClassifier },
        });
      },
    },
    { out, form: resultForm(options), terminal },
  );
}
