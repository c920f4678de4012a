import {
  type Corruption,
  imageSizeText,
  type Policy,
  testTimeViews,
  withCorruption,
} from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import { averagePredictions, type Predictions } from '@fixres/runs';
import { type Classifier, evaluate, type ScoredPolicy } from '@fixres/runner';
import { loaderSource, type PreparationListeners } from '@fixres/runner/node';
import type { ClassifierCompiler } from './classifier-compiler.ts';
import type { SizeEvaluation } from './evaluation-record.ts';
import { Throughput } from './throughput.ts';

/** Test-time augmentations by command line name. */
const augmentations = {
  none: {},
  flip: { flip: true },
  'five-crop': { crops: 'five' },
  'ten-crop': { crops: 'five', flip: true },
} as const;

export type TestTimeAugmentation = keyof typeof augmentations;

export interface EvaluationTask {
  classifier: Classifier;
  /** Compiles the classifier if that pays off. */
  compiler: ClassifierCompiler;
  policy: Policy;
  examples: readonly Example[];
  /** Number of classes of multi-label images, and the model's thresholds. */
  multiLabel?: { classes: number; thresholds: readonly number[] | undefined } | undefined;
  loader: ImageLoader;
  tta: TestTimeAugmentation;
  batchSize: number;
  on: PreparationListeners;
  signal: AbortSignal;
}

type Evaluated = Pick<ScoredPolicy, 'predictions'> &
  Pick<SizeEvaluation, 'views' | 'imagesPerSecond'>;

/** Probabilities under a policy, averaged over the views of test-time augmentation. */
export async function evaluateUnder(task: EvaluationTask): Promise<Evaluated> {
  const views = testTimeViews(task.policy, augmentations[task.tta]);
  const clock = new Throughput();
  const [predictions] = await evaluateLists(task, [views], clock);
  return {
    predictions: predictions!,
    views: views.length,
    imagesPerSecond: clock.imagesPerSecond() / views.length,
  };
}

/**
 * The same on corrupted images, for each condition. Each view of an image is corrupted for itself.
 *
 * @returns 1 for each image classified correctly, in the order of the conditions
 */
export async function evaluateCorrupted(
  task: EvaluationTask,
  conditions: readonly Corruption[],
): Promise<Uint8Array[]> {
  const views = testTimeViews(task.policy, augmentations[task.tta]);
  const lists = conditions.map((condition) => views.map((view) => withCorruption(view, condition)));
  const predictions = await evaluateLists(task, lists, new Throughput());
  return predictions.map(({ correct }) => correct);
}

/** Averages the predictions on the views of each list. All views have the size of the policy. */
async function evaluateLists(
  {
    classifier,
    compiler,
    policy,
    examples,
    multiLabel,
    loader,
    batchSize,
    on,
    signal,
  }: EvaluationTask,
  lists: readonly (readonly Policy[])[],
  clock: Throughput,
): Promise<Predictions[]> {
  const source = loaderSource(loader, examples, multiLabel?.classes);
  const forward = compiler.compile({
    size: policy.output,
    images: examples.length,
    batchSize,
    views: lists.flat().length,
  });
  const results: Predictions[] = [];
  try {
    for (const views of lists) {
      const predictions: Predictions[] = [];
      for (const view of views) {
        clock.start();
        const onBatch = (images: number): void => {
          clock.done(images);
          on.progress?.(
            `Evaluating ${view.name} at ${imageSizeText(policy.output)}: ${images} of ${examples.length}`,
          );
        };
        const options = { policy: view, batchSize, forward, signal, onBatch };
        predictions.push(await evaluate(classifier, source, options));
      }
      results.push(averagePredictions(predictions, multiLabel?.thresholds));
    }
  } finally {
    forward?.dispose();
  }
  return results;
}
