import { freezePolicies } from '@fixres/finetune';
import { expect, it } from 'vitest';
import { withoutLastNorm } from './without-last-norm.ts';

const layer = (
  path: string,
  className: string,
  mode: 'train' | 'freeze' | 'statistics-only',
): {
  path: string;
  className: string;
  mode: typeof mode;
  parameters: number;
  statistics: number;
} => ({
  path,
  className,
  mode,
  parameters: 2,
  statistics: 0,
});
const dense = [layer('fc1', 'Dense', 'freeze'), layer('head', 'Dense', 'train')];
const model = { name: 'vgg16' };

it.each([
  [
    'classifier+last-bn',
    dense,
    'Model "vgg16" has no normalisation before its classifier; freeze policy classifier+last-bn trains head only.',
  ],
  [
    'classifier+last-bn-stats',
    [layer('ln', 'LayerNormalization', 'freeze'), ...dense],
    'Model "vgg16" has no batch normalisation before its classifier; freeze policy classifier+last-bn-stats trains head only.',
  ],
  ['classifier+last-bn', [layer('ln', 'LayerNormalization', 'train'), ...dense], undefined],
  [
    'classifier+last-bn-stats',
    [layer('bn', 'BatchNormalization', 'statistics-only'), ...dense],
    undefined,
  ],
  ['classifier', dense, undefined],
] as const)(
  'says what %s trains instead of a missing normalisation (%#)',
  (name, layers, message) => {
    expect(withoutLastNorm(model, { policy: freezePolicies[name], layers })).toBe(message);
  },
);
