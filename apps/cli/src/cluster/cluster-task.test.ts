import { afterEach, describe, expect, it, vi } from 'vitest';
import { clusterTask } from './cluster-task.ts';

const config = (worker: readonly string[]): string =>
  JSON.stringify({ cluster: { worker }, task: { type: 'worker', index: 0 } });

afterEach(() => vi.unstubAllEnvs());

describe('clusterTask', () => {
  it.each([{ cluster: ['a:1'], rank: 0 }, {}])(
    'is that of one process only if it normalises as several do (%o)',
    (place) => {
      vi.stubEnv('TF_CONFIG', config(['a:1']));
      expect(clusterTask(place)).toBeUndefined();
      expect(clusterTask({ ...place, syncBatchNorm: true })).toEqual({
        addresses: ['a:1'],
        rank: 0,
      });
    },
  );

  it('is the one of the options, of the launcher, or none', () => {
    vi.stubEnv('TF_CONFIG', config(['a:1', 'b:2']));
    expect(clusterTask({})).toEqual({ addresses: ['a:1', 'b:2'], rank: 0 });
    expect(clusterTask({ cluster: ['c:3', 'd:4'], rank: 1 })).toEqual({
      addresses: ['c:3', 'd:4'],
      rank: 1,
    });
    expect(clusterTask({ cluster: ['none'], syncBatchNorm: true })).toBeUndefined();
    vi.stubEnv('TF_CONFIG', undefined);
    expect(clusterTask({ syncBatchNorm: true })).toBeUndefined();
  });

  it.each([
    [{ rank: 1 }, 'Option --rank needs --cluster.'],
    [
      { cluster: ['a:1', 'b:2'] },
      'Option --cluster needs --rank, the number of this process from 0.',
    ],
  ])('refuses %o', (options, message) => {
    expect(() => clusterTask(options)).toThrow(`error: ${message}`);
  });
});
