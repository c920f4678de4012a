import { namedPolicy } from '@fixres/data';
import { type ModelName, stemWidths } from '@fixres/models';
import { defaultRunFolder } from '../run-place.ts';
import { armExperiment } from '../run/arm-experiment.ts';
import { resultForm, runTerminal } from '../run/output-options.ts';
import { repeatingCommand } from '../run/repeating-command.ts';
import { startRun } from '../run/start-run.ts';
import { checkTestPolicy, checkTraining, planOf, type TrainingOptions } from '../run/training-options.ts';

/** Options of `fixres train`, as the command line gives them. */
export interface TrainOptions extends TrainingOptions {
  model: ModelName;
  width?: number;
  size: number;
  policy: string;
  testPolicy: string;
}

/** Trains a model from scratch, writes its run folder and prints the result. */
export async function train(datasetName: string, options: TrainOptions): Promise<void> {
  checkTraining(options);
  const { model, size, epochs, learningRate } = options;
  const width = options.width ?? stemWidths[model];
  const testPolicy = namedPolicy(options.testPolicy, { size });
  checkTestPolicy(testPolicy);
  const experiment = armExperiment({
    model: { name: model, width },
    arms: [
      {
        name: 'trained',
        description: `From scratch at ${size} px.`,
        initFrom: null,
        trainPolicy: namedPolicy(options.policy, { size }),
        testPolicy,
        epochs,
        schedule: { type: 'constant', rate: learningRate },
        freeze: 'all',
      },
    ],
    seeds: options.seeds,
    batchSize: options.batch,
    normStatistics: options.normStatistics,
    normImages: options.normImages,
  });
  const command = repeatingCommand(['train', datasetName], options);
  const out = options.out ?? defaultRunFolder(datasetName, `${model}-${size}`);
  const plan = { ...(await planOf(datasetName, options)), command, experiment: () => Promise.resolve(experiment) };
  await startRun(plan, { out, form: resultForm(options), terminal: runTerminal(options) });
}
