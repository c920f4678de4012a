import { resize, resizeFlip, shortSideCrop } from '@fixres/data';
import { evaluationKey } from '@fixres/runs';
import { expect, it } from 'vitest';
import { measuredCandidates } from './measured-candidates.ts';

const keys = (...args: Parameters<typeof measuredCandidates>): string[] =>
  measuredCandidates(...args).map(evaluationKey);

it('measuredCandidates are both policies at each size, with the own and the estimated one once', () => {
  expect(keys(64, resize(64), shortSideCrop(88))).toEqual([
    'resize@64',
    'shortSideCrop@64',
    'resize@88',
    'shortSideCrop@88',
    'resize@96',
    'shortSideCrop@96',
    'resize@128',
    'shortSideCrop@128',
  ]);
  expect(
    keys(4000, undefined, resize(4096)).every((key) => Number(key.split('@')[1]) <= 4096),
  ).toBe(true);
});

it('measuredCandidates keeps the given policy if another has its name', () => {
  const own = { ...resizeFlip(64), name: 'resize' };
  expect(measuredCandidates(64, own, shortSideCrop(88))).toContain(own);
});

it('measuredCandidates of a rectangle have its shape, to multiples of 32', () => {
  const found = keys(
    { height: 64, width: 96 },
    undefined,
    shortSideCrop({ height: 80, width: 120 }),
  );
  expect(found.filter((key) => key.startsWith('resize'))).toEqual([
    'resize@64x96',
    'resize@80x120',
    'resize@96x128',
    'resize@96x160',
    'resize@128x160',
  ]);
});
