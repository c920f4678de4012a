import type { EngineInfo } from '@fixres/engine';
import { fixresExperiment, fixresPresets, type PlannedExperiment } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { resolvePrecision } from './resolve-precision.ts';

const native: EngineInfo = { name: 'tensorflow', device: 'cpu', reason: '', versions: {} };
const planned: PlannedExperiment = { ...fixresExperiment(fixresPresets.quick), seeds: [0] };
const fast = { float32: 3, bfloat16: 2 };
const emulated = { float32: 1, bfloat16: 6.13 };

describe('resolvePrecision', () => {
  it.each([
    ['a processor with bfloat16', fast, 'bfloat16'],
    ['a processor that emulates it', emulated, 'float32'],
  ] as const)('chooses for %s', async (_, times, precision) => {
    const experiment = { ...planned, precision: 'auto' } as const;
    expect(await resolvePrecision(experiment, native, () => Promise.resolve(times))).toEqual({
      experiment: { ...planned, precision, precisionChoice: 'auto' },
      warning: undefined,
    });
  });

  it('measures nothing for float32 and for engines that have nothing else', async () => {
    const never = (): never => {
      throw new Error('measured');
    };
    expect(await resolvePrecision(planned, native, never)).toEqual({
      experiment: planned,
      warning: undefined,
    });
    const resolved = await resolvePrecision(
      { ...planned, precision: 'auto' },
      { ...native, name: 'wasm' },
      never,
    );
    expect(resolved.experiment.precision).toBe('float32');
  });

  it('warns about bfloat16 if it is emulated, and keeps it', async () => {
    const experiment = { ...planned, precision: 'bfloat16' } as const;
    const slow = await resolvePrecision(experiment, native, () => Promise.resolve(emulated));
    expect(slow).toEqual({
      experiment,
      warning:
        'precision is "bfloat16", in which convolutions take 6.1 times as long as in "float32" on this machine; "auto" chooses the faster one.',
    });
    const { warning } = await resolvePrecision(experiment, native, () => Promise.resolve(fast));
    expect(warning).toBeUndefined();
  });
});
