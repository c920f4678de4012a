import { namedPolicy, type PreprocessingContract, preprocessingContract } from '@fixres/data';
import { expect, it } from 'vitest';
import { contractResizing } from './contract-resizing.ts';

const normalisation = { kind: 'scale', scale: 1, offset: 0 } as const;
const contract = preprocessingContract(namedPolicy('resize', { size: 64 }), { normalisation });

it('is a bilinear resize of both sides', () => {
  expect(
    contractResizing({ ...contract, resize: { rule: 'both-sides', width: 48, height: 64 } }),
  ).toEqual({
    height: 64,
    width: 48,
    antialias: contract.antialias,
  });
});

it('needs a contract', () => {
  expect(() => contractResizing(undefined)).toThrow('this one has no contract');
});

it.each<[Partial<PreprocessingContract>, string]>([
  [{ resize: { rule: 'short-side', side: 64 } }, 'sets the short side, and'],
  [{ crop: { width: 64, height: 64, rounding: 'floor' } }, 'crops after its resize, and'],
  [{ interpolation: 'bicubic' }, 'is bicubic, and'],
  [{ layout: 'NCHW' }, 'puts channels first; other formats'],
])('refuses what Keras computes differently: %j', (change, why) => {
  expect(() => contractResizing({ ...contract, ...change })).toThrow(
    `error: Option --with-preprocessing with --format keras needs a bilinear resize of both sides without a crop, and the model's preprocessing ${why}`,
  );
});
