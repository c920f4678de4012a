import { describe, expect, it } from 'vitest';
import { sparkline } from './sparkline.ts';

describe('sparkline', () => {
  it('draws between the lowest and the highest value', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([0.7, 0.5, 0.6])).toBe('█▁▅');
  });

  it('is flat if nothing changes, and empty without values', () => {
    expect(sparkline([0.3, 0.3])).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });

  it('averages long curves down to its width, using every value once', () => {
    const ramp = Array.from({ length: 800 }, (_, i) => i);
    expect(sparkline(ramp, 8)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline(ramp.slice(0, 101), 24)).toHaveLength(24);
  });
});
