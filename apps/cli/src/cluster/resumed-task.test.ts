import { expect, it, vi } from 'vitest';
import { resumedTask } from './resumed-task.ts';

const place = { cluster: ['127.0.0.1:4000'], rank: 0 };
const recorded = (syncBatchNorm: boolean): Parameters<typeof resumedTask>[1] => ({
  ranks: 1,
  syncBatchNorm,
  gradientPrecision: 'float32',
});

it('normalises alone as several processes do if the run began so', () => {
  const warn = vi.fn<(text: string) => void>();
  expect(resumedTask(place, recorded(true), { warn })).toEqual({
    addresses: place.cluster,
    rank: 0,
  });
  expect(resumedTask(place, recorded(false), { warn })).toBeUndefined();
  expect(resumedTask(place, undefined, { warn })).toBeUndefined();
  expect(warn).not.toHaveBeenCalled();
});

it('says so where nothing makes it a process of a launcher', () => {
  const warn = vi.fn<(text: string) => void>();
  expect(resumedTask({ cluster: ['none'] }, recorded(true), { warn })).toBeUndefined();
  expect(warn).toHaveBeenCalledWith(
    expect.stringContaining('The run began with --sync-batch-norm'),
  );
});
