import type { ImageSize } from '@fixres/data';
import type { Classifier, FastForward } from '@fixres/runner';
import { createCompiledForward } from '@fixres/runner/node';

/**
 * The minimum number of batches for which compiling pays off. Compiling and the first run of a
 * graph take from 0.3 s (a small ResNet) to 1.2 s (ResNet50V2 at 224 pixels, two cores); then a
 * batch of 32 takes 12 % less time (ResNet50V2), 30 % less (MobileNetV2) or half (the small one).
 */
const WORTHWHILE = 6;

export interface ClassifierWork {
  size: ImageSize;
  images: number;
  batchSize: number;
  /** Number of views per image. */
  views: number;
}

/**
 * Compiles a classifier for each image size with enough work. Only the native engine supports this.
 */
export class ClassifierCompiler {
  readonly #classifier: Classifier;
  readonly #onWarning: (message: string) => void;
  #isCompilable = true;

  /**
   * @param onWarning receives, once, the reason why the classifier runs kernel by kernel instead of
   * compiled
   */
  constructor(classifier: Classifier, onWarning: (message: string) => void) {
    this.#classifier = classifier;
    this.#onWarning = onWarning;
  }

  /**
   * A forward pass for `evaluate`; the caller disposes it. Undefined if kernel by kernel is as
   * fast, or the only way.
   */
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
