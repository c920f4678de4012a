import { FixresModelsError } from '../errors.ts';

/** What the classifier of a file outputs for an image. */
export type HeadKind =
  /** Probabilities of mutually exclusive classes. */
  | 'softmax'
  /** Numbers whose softmax is these probabilities. */
  | 'logits'
  /** One probability, of the second of two classes. */
  | 'sigmoid'
  /** A probability for each class on its own, by a sigmoid: an image can have several classes. */
  | 'multi-label';

const KINDS: Readonly<Record<string, HeadKind>> = { softmax: 'softmax', sigmoid: 'sigmoid' };

/**
 * The kind of a classifier by the activation behind it.
 *
 * @param layer name of the classifier's layer
 * @param units its outputs
 * @param activation undefined for none
 * @param multiLabel whether images can have several classes, so that logits are those of sigmoids
 * @returns undefined for any other activation
 * @throws FixresModelsError `unsupported-model` for one output without a sigmoid, and for a
 *   classifier of one class per image if `multiLabel`
 */
export function classifierKind(
  layer: string,
  units: number,
  activation: string | undefined,
  multiLabel: boolean,
): HeadKind | undefined {
  const kind = activation === undefined ? 'logits' : KINDS[activation];
  const isOpen = kind === 'sigmoid' || (kind === 'logits' && multiLabel);
  if (isOpen && units > 1) return 'multi-label';
  if (multiLabel && kind !== undefined) {
    throw new FixresModelsError(
      'unsupported-model',
      `Option --multi-label (multiLabel) does not fit classifier "${layer}", which has ${units} ${units === 1 ? 'output' : 'outputs'} and ${kind === 'logits' ? 'no activation' : `activation ${kind}`}; it must have at least two outputs, with activation sigmoid or none.`,
    );
  }
  if (kind !== undefined && kind !== 'sigmoid' && units < 2) {
    throw new FixresModelsError(
      'unsupported-model',
      `Layer "${layer}" has ${units} output and ` +
        `${kind === 'logits' ? 'no activation' : 'activation softmax'}; one output is supported ` +
        'only with activation sigmoid, as the probability of the second of two classes.',
    );
  }
  return kind;
}
