import { imageSizeText, type Policy, testTimeViews } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import { averagePredictions } from '@fixres/runs';
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
  const { classifier, compiler, policy, examples, loader, tta, batchSize, on, signal } = task;
  const views = testTimeViews(policy, augmentations[tta]);
  const source = loaderSource(loader, examples);
  const clock = new Throughput();
  const predictions = [];
  // All views have the same size.
  const forward = compiler.compile({
    size: policy.output,
    images: examples.length,
    batchSize,
    views: views.length,
  });
  try {
    for (const view of views) {
      clock.start();
      const onBatch = (images: number): void => {
        clock.done(images);
        on.progress?.(
          `Evaluating ${view.name} at ${imageSizeText(policy.output)}: ${images} of ${examples.length}`,
        );
      };
      predictions.push(
        await evaluate(classifier, source, { policy: view, batchSize, forward, signal, onBatch }),
      );
    }
  } finally {
    forward?.dispose();
  }
  return {
    predictions: averagePredictions(predictions),
    views: views.length,
    imagesPerSecond: clock.imagesPerSecond() / views.length,
  };
}
