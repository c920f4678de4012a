import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { featureSettings } from './feature-choice.ts';

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
