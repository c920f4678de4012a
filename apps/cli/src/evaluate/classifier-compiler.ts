import type { Classifier, FastForward } from '@fixres/runner';
import { createCompiledForward } from '@fixres/runner/node';

/**
 * With fewer batches nothing is gained. Compiling and the first run of a graph take 0.3 s (a small ResNet) to 1.2 s (ResNet50V2 at 224
 * pixels, two cores); a batch of 32 then takes 12 % less (ResNet50V2), 30 % (MobileNetV2) or half (the small one).
 */
const WORTHWHILE = 6;

export interface ClassifierWork {
  /** Side of the square images in pixels. */
  size: number;
  images: number;
  batchSize: number;
  /** How often each image is seen. */
  views: number;
}

/** Makes graphs of a classifier, one for each size at which there is enough to do. Only the native engine has any. */
export class ClassifierCompiler {
  readonly #classifier: Classifier;
  readonly #onWarning: (message: string) => void;
  #isCompilable = true;

  /** @param onWarning is told, once, why the classifier runs kernel by kernel where a graph was wanted */
  constructor(classifier: Classifier, onWarning: (message: string) => void) {
    this.#classifier = classifier;
    this.#onWarning = onWarning;
  }

  /** A forward pass for `evaluate`; the caller disposes it. Undefined where kernel by kernel is as fast, or the only way. */
  compile({ size, images, batchSize, views }: ClassifierWork): FastForward | undefined {
    if (!this.#isCompilable || Math.floor(images / batchSize) * views < WORTHWHILE)
      return undefined;
    const last = images % batchSize;
    const request = {
      size,
      batchSizes: last > 0 ? [batchSize, last] : [batchSize],
      precision: 'float32' as const,
      onWarning: this.#onWarning,
    };
    const forward = createCompiledForward(this.#classifier, request);
    this.#isCompilable = forward !== undefined;
    return forward;
  }
}
