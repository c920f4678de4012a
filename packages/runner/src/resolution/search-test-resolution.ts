import type { Policy } from '@fixres/data';
import { type Classifier, evaluate } from '../evaluation/evaluate.ts';
import type { ImageSource } from '../images/image-source.ts';
import {
  chooseResolution,
  type ChooseResolutionOptions,
  type ResolutionChoice,
  type ScoredPolicy,
} from './choose-resolution.ts';

export interface SearchTestResolutionOptions extends ChooseResolutionOptions {
  /** Test policies to try, usually one policy at several sizes. */
  policies: readonly Policy[];
  batchSize: number;
  signal?: AbortSignal | undefined;
  /** Called after every batch with the current policy and the number of its images so far. */
  onBatch?: (policy: Policy, images: number) => void;
}

/**
 * Evaluates a tuned model under several test policies, chooses one on half of the held-out images
 * and confirms it on the other half: see {@link chooseResolution}. Leaves no tensor behind.
 *
 * @param heldOut images that the model was not trained on
 * @throws FixresRunnerError `bad-option`; the signal's reason when aborted
 */
export async function searchTestResolution(
  model: Classifier,
  heldOut: ImageSource,
  { policies, batchSize, signal, onBatch, ...options }: SearchTestResolutionOptions,
): Promise<ResolutionChoice> {
  const candidates: ScoredPolicy[] = [];
  for (const policy of policies) {
    const predictions = await evaluate(model, heldOut, {
      policy,
      batchSize,
      signal,
      onBatch: (images) => onBatch?.(policy, images),
    });
    candidates.push({ policy, predictions });
  }
  return chooseResolution(candidates, options);
}
