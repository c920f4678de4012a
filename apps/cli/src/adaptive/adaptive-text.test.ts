import type { AdaptiveChoice, AdaptivePoint } from '@fixres/runner';
import { expect, it } from 'vitest';
import { adaptivePicture } from './adaptive-picture.ts';
import { adaptiveText } from './adaptive-text.ts';

const point = (threshold: number, flops: number): AdaptivePoint => ({
  threshold,
  small: 1.25 - flops,
  flops,
  accuracy: 0.8,
  agreement: 0.99,
});

const choice: AdaptiveChoice = {
  large: 'resize@96',
  agreement: 0.98,
  confidence: 0.95,
  images: { choosing: 500, confirming: 499 },
  imagesNeeded: 149,
  pairs: [
    {
      key: 'resize@48',
      threshold: 0.9,
      choosingFlops: 0.6,
      confirmed: point(0.9, 0.5),
      curve: [point(0, 0.25), point(0.9, 0.5), point(1, 1)],
    },
  ],
  chosen: 'resize@48',
  largeAccuracy: 0.81,
  ci95: [0.97, 0.995],
};

it('states the rule, its promise, and what was measured', () => {
  expect(adaptiveText(choice).split('\n').slice(-2)).toEqual([
    '* resize@48 decides if its highest probability is above 90.0 %; otherwise resize@96 decides. With 95 % confidence, at least 98.0 % of new images like these are decided as at resize@96.',
    'Found on 500 images, measured in the table on 499 others. There 99.0 % agreed (97.0 % to 99.5 %).',
  ]);
});

it('states why no small size may decide', () => {
  const none = { ...choice, chosen: null, ci95: null };
  expect(adaptiveText(none)).toContain(
    'No small size saves compute: to keep 98.0 % of the decisions',
  );
  expect(adaptiveText({ ...none, images: { choosing: 100, confirming: 99 } })).toContain(
    'No size may decide: 100 images cannot show an agreement of 98.0 %; at least 149 are needed, so 298 in all.',
  );
});

it('draws a curve for each small size and the calibrated point', () => {
  const pairs = [choice.pairs[0]!, { ...choice.pairs[0]!, key: 'resize@64' }];
  const { svg } = adaptivePicture({ ...choice, pairs });
  expect(svg.match(/<circle /g)).toHaveLength(2);
  expect(svg).toContain('resize@64 first');
  expect(svg).not.toContain('NaN');
});
