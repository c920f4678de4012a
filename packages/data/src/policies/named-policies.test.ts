import { describe, expect, it } from 'vitest';
import { namedPolicy } from './named-policies.ts';

describe('namedPolicy', () => {
  it.each([
    [
      'fixres',
      { size: 96 },
      'Policy "fixres" does not exist; allowed are sampledBoundingBoxCrop, randomResizedCrop,',
    ],
    ['toString', { size: 96 }, 'Policy "toString" does not exist'],
    [
      'fixresTest',
      { size: 96 },
      'Policy "fixresTest" needs the size that the model was trained at as well ("trainSize").',
    ],
    [
      'fixresTest',
      { size: 96, trainSize: 128 },
      'Option "size" is 96; it must be at least trainSize, which is 128.',
    ],
    ['resize', { size: 2 }, 'Option "size" is 2'],
  ])('rejects %s with %j', (name, sizes, message) => {
    expect(() => namedPolicy(name, sizes)).toThrow(message);
  });
});
