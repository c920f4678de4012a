import { expect, it } from 'vitest';
import { detectableText, likelyMissed } from './detectable-text.ts';

it('detectableText states the detectable difference, or that there is none', () => {
  expect(detectableText(0.1684)).toBe('16.8');
  expect(detectableText(1)).toBe('none');
  expect(likelyMissed(0.1684, '100 held-out images')).toBe(
    'Differences under about 16.8 points are likely to be missed with 100 held-out images.',
  );
  expect(likelyMissed(1, '5 held-out images')).toBe(
    'With 5 held-out images, no difference could be shown.',
  );
});
