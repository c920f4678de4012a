import { expect, it } from 'vitest';
import { sizedArm } from '../../../test/sized-arms.ts';
import { largerSizePairs } from './larger-size-pairs.ts';

it('largerSizePairs are the arms that are trained further for a larger test size', () => {
  const pairs = largerSizePairs([
    sizedArm('small', 64),
    sizedArm('untuned', 96, 'small', 0),
    sizedArm('a', 96, 'small'),
    sizedArm('b', { height: 64, width: 80 }, 'small'),
    sizedArm('control', 64, 'small'),
    sizedArm('vanilla', 96),
    sizedArm('smaller', 72, 'a'),
  ]);
  expect(pairs).toEqual([
    { tuned: 'a', from: 'small', controls: ['control'] },
    { tuned: 'b', from: 'small', controls: ['control'] },
  ]);
});

it('largerSizePairs of a given model, which an arm without epochs stands for', () => {
  const [given, finetuned] = [sizedArm('given', 64, null, 0), sizedArm('finetuned', 96)];
  expect(largerSizePairs([given, finetuned])).toEqual([
    { tuned: 'finetuned', from: 'given', controls: [] },
  ]);
  // Without it, nothing is known of the size before.
  expect(largerSizePairs([finetuned])).toEqual([]);
  // Files of other programs may lack what is needed.
  expect(largerSizePairs([given, { ...finetuned, ownEvaluation: 1 }])).toEqual([]);
});
