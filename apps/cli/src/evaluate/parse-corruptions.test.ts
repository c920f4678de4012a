import { describe, expect, it } from 'vitest';
import { parseCorruptions } from './parse-corruptions.ts';

describe('parseCorruptions', () => {
  it('reads lists and ranges', () => {
    expect(parseCorruptions(undefined, undefined)).toBeUndefined();
    expect(parseCorruptions(true, undefined)).toEqual({});
    expect(parseCorruptions('fog, snow', '1-3,5')).toEqual({
      names: ['fog', 'snow'],
      severities: [1, 2, 3, 5],
    });
  });

  it.each([
    ['smog', undefined, 'Option --corruptions has "smog"; allowed are gaussian_noise, '],
    ['fog,fog', undefined, 'Option --corruptions has fog twice.'],
    ['', undefined, 'Option --corruptions has ""; allowed are'],
    [true, '0', 'Option --severities has "0"; allowed are 1, 2, 3, 4, 5.'],
    [true, '3-1', 'Option --severities has "3-1"; allowed are'],
    [true, '1-2,2', 'Option --severities has 2 twice.'],
    [undefined, '1', 'Option --severities is 1; it needs --corruptions.'],
  ] as const)('refuses %s and %s', (corruptions, severities, message) => {
    expect(() => parseCorruptions(corruptions, severities)).toThrow(message);
  });
});
