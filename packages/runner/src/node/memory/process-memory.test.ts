import { describe, expect, it } from 'vitest';
import type { MemoryMeter } from '../../progress/memory-meter.ts';
import { lifetimePeakMb, processMemory } from './process-memory.ts';

describe('processMemory', () => {
  it('remembers a past peak until the reset', () => {
    const memory = processMemory();
    memory.reset();
    const before = memory.peakMb();
    allocateBriefly(memory);
    expect(memory.peakMb()).toBeGreaterThan(before + 250);
    expect(memory.nowMb()).toBeGreaterThan(10);
  });
});

describe('lifetimePeakMb', () => {
  it('is at least the memory of now, in the same unit', () => {
    const now = processMemory().nowMb();
    const peak = lifetimePeakMb('darwin');
    expect(peak).toBeGreaterThan(0.9 * now);
    // Kilobytes or bytes would be a thousand times as many.
    expect(peak).toBeLessThan(100 * now);
  });

  it('is not used on Linux, where it includes the parent', () => {
    expect(lifetimePeakMb('linux')).toBe(0);
  });
});

/** Allocates 300 MB while the memory is read once. */
function allocateBriefly(memory: MemoryMeter): void {
  const block = Buffer.alloc(300e6, 1);
  memory.nowMb();
  expect(block.at(-1)).toBe(1);
}
