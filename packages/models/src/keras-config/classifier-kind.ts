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
 * @returns undefined for any other activation
 * @throws FixresModelsError `unsupported-model` for one output without a sigmoid
 */
export function classifierKind(
  layer: string,
  units: number,
  activation: string | undefined,
): HeadKind | undefined {
  const kind = activation === undefined ? 'logits' : KINDS[activation];
  if (kind === 'sigmoid' && units > 1) return 'multi-label';
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
