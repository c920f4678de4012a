import { refuse } from '../errors.ts';
import type { FreezeHandle } from '../freezing/apply-freeze-policy.ts';

/** Weight decay settings. Plain data. */
export interface WeightDecay {
  /** Strength, at least 0. */
  rate: number;
  /**
   * `decoupled`: `variable -= variable * rate * learningRate` beside the update, as in Keras and
   * AdamW. `l2`: `gradient += rate * variable`, as in torch's SGD and the FixRes authors' code; for
   * SGD only. Default `decoupled`.
   */
  kind?: 'decoupled' | 'l2';
  /**
   * `norm-and-bias` excludes all variables with one axis (gamma, beta, bias), as in timm. `none`
   * excludes nothing, as in Keras, torch and the FixRes authors' code. Default `none`.
   */
  exclude?: 'none' | 'norm-and-bias';
}

/** Weight decay as options of the optimizers of `@fixres/models`. */
export interface WeightDecayOptions {
  weightDecay?: number;
  l2?: number;
  /** Receives the tfjs variable's name. */
  excludeFromDecay: (variableName: string) => boolean;
}

/**
 * The optimizer options for the variables that train.
 *
 * @throws FixresFinetuneError `bad-option`
 */
export function weightDecayOptions(
  handle: FreezeHandle,
  { rate, kind = 'decoupled', exclude = 'none' }: WeightDecay,
): WeightDecayOptions {
  if (!(Number.isFinite(rate) && rate >= 0))
    refuse('bad-option', 'rate', rate, 'a finite number of at least 0');
  const kinds = ['decoupled', 'l2'];
  if (!kinds.includes(kind)) refuse('bad-option', 'kind', kind, `one of ${kinds.join(', ')}`);
  const exclusions = ['none', 'norm-and-bias'];
  if (!exclusions.includes(exclude))
    refuse('bad-option', 'exclude', exclude, `one of ${exclusions.join(', ')}`);
  const spared =
    exclude === 'none' ? [] : handle.trainable.filter(({ shape }) => shape.length === 1);
  const names = new Set(spared.map(({ name }) => name));
  return {
    [kind === 'l2' ? 'l2' : 'weightDecay']: rate,
    excludeFromDecay: (variableName) => names.has(variableName),
  };
}
