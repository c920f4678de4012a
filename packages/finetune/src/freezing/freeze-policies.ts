import { FixresFinetuneError } from '../errors.ts';
import { type FreezePolicyName, freezePolicyNames } from '../freeze-policy-names.ts';
import { type FreezePolicy, parseFreezePolicy, trainsWeights } from './freeze-policy.ts';
import { nearNames } from './near-names.ts';

/**
 * Preset freeze policies. They find their layers from the model's graph, so they work for any
 * layers model.
 *
 * - `classifier`: only the classifier trains.
 * - `classifier+last-bn`: the Keras FixRes example: the classifier, and the last norm with gamma,
 *   beta and statistics. Only the classifier in a model without norms, such as VGG16.
 * - `classifier+last-bn-stats`: the FixRes authors (arXiv 1906.06423 and their published code): the
 *   classifier trains, the last norm's statistics adapt, its gamma and beta are frozen. Only the
 *   classifier if there is no norm, or the last one is a layer normalisation, which has no
 *   statistics.
 * - `last-stage`: the last stage, the last norm and the classifier; needs groups whose names end in
 *   a number (`stage4`, `conv5`).
 * - `all-bn`: every norm with gamma, beta and statistics, and the classifier.
 * - `all`: everything trains.
 * - `bn-recalibrate`: no gradient at all; `handle.recalibrate(batches)` re-estimates the statistics
 *   of every norm.
 */
export const freezePolicies: Readonly<Record<FreezePolicyName, FreezePolicy>> = {
  classifier: {
    name: 'classifier',
    rules: [{ match: { role: 'classifier' }, mode: 'train' }],
    otherwise: 'freeze',
  },
  'classifier+last-bn': {
    name: 'classifier+last-bn',
    rules: [
      { match: { role: 'last-norm' }, mode: 'train', optional: true },
      { match: { role: 'classifier' }, mode: 'train' },
    ],
    otherwise: 'freeze',
  },
  'classifier+last-bn-stats': {
    name: 'classifier+last-bn-stats',
    rules: [
      { match: { role: 'last-norm' }, mode: 'statistics-only', optional: true },
      { match: { role: 'classifier' }, mode: 'train' },
    ],
    otherwise: 'freeze',
  },
  'last-stage': {
    name: 'last-stage',
    rules: [
      { match: { role: 'last-stage' }, mode: 'train' },
      // Optional, because a network whose stages end with the convolution's own norm has no norm
      // after them, and some networks have no norms.
      { match: { role: 'last-norm' }, mode: 'train', optional: true },
      { match: { role: 'classifier' }, mode: 'train' },
    ],
    otherwise: 'freeze',
  },
  'all-bn': {
    name: 'all-bn',
    rules: [
      { match: { role: 'norm' }, mode: 'train' },
      { match: { role: 'classifier' }, mode: 'train' },
    ],
    otherwise: 'freeze',
  },
  all: { name: 'all', rules: [], otherwise: 'train' },
  'bn-recalibrate': {
    name: 'bn-recalibrate',
    rules: [{ match: { role: 'norm' }, mode: 'recalibrate' }],
    otherwise: 'freeze',
  },
};

/**
 * Whether a policy can train weights of any model; `bn-recalibrate` cannot.
 *
 * @throws FixresFinetuneError `bad-policy`.
 */
export function canTrain(policy: FreezePolicy | FreezePolicyName): boolean {
  const { rules, otherwise } = resolveFreezePolicy(policy);
  return trainsWeights(otherwise) || rules.some(({ mode }) => trainsWeights(mode));
}

/**
 * The preset with that name, or the given policy after checking its fields.
 *
 * @throws FixresFinetuneError `bad-policy`.
 */
export function resolveFreezePolicy(policy: FreezePolicy | FreezePolicyName): FreezePolicy {
  if (typeof policy !== 'string') return parseFreezePolicy(policy);
  if (Object.hasOwn(freezePolicies, policy)) return freezePolicies[policy];
  throw new FixresFinetuneError(
    'bad-policy',
    `policy: received ${JSON.stringify(policy)}; allowed is a policy or one of ${freezePolicyNames.join(', ')}`,
    { names: nearNames(policy, freezePolicyNames) },
  );
}
