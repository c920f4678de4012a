import { FixresFinetuneError } from '../errors.ts';
import { type FreezePolicyName, freezePolicyNames } from '../freeze-policy-names.ts';
import { parseFreezePolicy, type FreezePolicy } from './freeze-policy.ts';
import { nearNames } from './near-names.ts';

/**
 * Ready-made policies. They find their layers from the model's graph, so they fit any layers model.
 *
 * - `classifier`: only the classifier trains.
 * - `classifier+last-bn`: the Keras FixRes example: the classifier, and the last norm with gamma, beta and statistics.
 * - `classifier+last-bn-stats`: the FixRes authors (arXiv 1906.06423 and their published code): the classifier trains, the last
 *   norm's statistics adapt, its gamma and beta stay.
 * - `last-stage`: the last stage, the last norm and the classifier; needs groups whose names end in a
 *   number (`stage4`, `conv5`).
 * - `all-bn`: every norm with gamma, beta and statistics, and the classifier.
 * - `all`: everything trains.
 * - `bn-recalibrate`: no gradient at all; the statistics of every norm are re-estimated by `handle.recalibrate(batches)`.
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
      { match: { role: 'last-norm' }, mode: 'train' },
      { match: { role: 'classifier' }, mode: 'train' },
    ],
    otherwise: 'freeze',
  },
  'classifier+last-bn-stats': {
    name: 'classifier+last-bn-stats',
    rules: [
      { match: { role: 'last-norm' }, mode: 'statistics-only' },
      { match: { role: 'classifier' }, mode: 'train' },
    ],
    otherwise: 'freeze',
  },
  'last-stage': {
    name: 'last-stage',
    rules: [
      { match: { role: 'last-stage' }, mode: 'train' },
      // A network that ends its stages with the convolution's own norm has none after them; one without norms has none at all.
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
 * Whether a policy can train weights of any model; `bn-recalibrate` does not.
 *
 * @throws FixresFinetuneError `bad-policy`.
 */
export function canTrain(policy: FreezePolicy | FreezePolicyName): boolean {
  const { rules, otherwise } = resolveFreezePolicy(policy);
  return otherwise === 'train' || rules.some(({ mode }) => mode === 'train');
}

/**
 * The policy of that name, or the given policy after its fields are checked.
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
