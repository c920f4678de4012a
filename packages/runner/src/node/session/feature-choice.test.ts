import { statfs } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { expect, it } from 'vitest';
import { clusterFeatureSettings, featureSettings } from './feature-choice.ts';

const folder = tmpdir();

it('depends on the size of the disk, not on its free space, for a deterministic run', async () => {
  const { blocks, bsize } = await statfs(folder);
  for (const memoryMb of [undefined, 1, 1e9]) {
    const { budget } = await featureSettings({ memoryMb }, { folder, deterministic: true });
    expect(budget!.diskBytes).toBe(0.5 * blocks * bsize);
    // Features that fit in memory would also fit on the disk.
    expect(budget!.memoryBytes).toBeLessThanOrEqual(budget!.diskBytes);
  }
});

it('otherwise uses half of the free space, the given memory, or nothing', async () => {
  const { blocks, bsize } = await statfs(folder);
  const { budget } = await featureSettings({ memoryMb: 20 }, { folder, deterministic: false });
  expect(budget!.memoryBytes).toBe(20e6);
  expect(budget!.diskBytes).toBeLessThan(0.5 * blocks * bsize);
  expect((await featureSettings({ keep: 'off' }, { folder, deterministic: true })).budget).toEqual({
    memoryBytes: 0,
    diskBytes: 0,
  });
});

it('divides the memory of a machine among the processes of a cluster on it', () => {
  const memoryOf = (processes: number, memoryMb?: number): number => {
    const options = { deterministic: true, processes };
    const { budget } = clusterFeatureSettings({ memoryMb }, options);
    expect(budget!.diskBytes).toBe(0);
    return budget!.memoryBytes;
  };
  expect(memoryOf(1)).toBeLessThanOrEqual(totalmem() / 2);
  expect(memoryOf(4)).toBe(memoryOf(1) / 4);
  // What was asked for is that of each.
  expect(memoryOf(4, 20)).toBe(20e6);
  const off = clusterFeatureSettings({ keep: 'off' }, { deterministic: false, processes: 2 });
  expect(off.budget!.memoryBytes).toBe(0);
});
