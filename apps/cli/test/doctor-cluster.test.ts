import { appendFile, cp } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../src/launch/free-ports.ts';
import { runCli, suiteFolder } from './run-cli.ts';
import { writeTinyPhotos } from './tiny-experiment.ts';

let folder: string;

beforeAll(async () => {
  folder = await suiteFolder();
  await writeTinyPhotos(folder);
});

/** Checks two processes, each with a data set of its own, as on two hosts. */
async function check(data: readonly string[]): Promise<Awaited<ReturnType<typeof runCli>>[]> {
  const addresses = (await freePorts(2)).map((port) => `127.0.0.1:${port}`).join(',');
  return Promise.all(
    data.map(async (place, rank) =>
      runCli(['doctor', '--cluster', addresses, '--rank', `${rank}`, '--data', place]),
    ),
  );
}

describe('fixres doctor --cluster --data', { tags: 'linux' }, () => {
  it(
    'compares the data sets of two processes, and names the first different file',
    { tags: 'native-engine' },
    async () => {
      const [ours, theirs] = [join(folder, 'photos'), join(folder, 'other')] as const;
      await cp(ours, theirs, { recursive: true });
      const [first, second] = await check([ours, theirs]);
      expect([first!.code, second!.code], first!.stderr).toEqual([0, 0]);
      const rows = [...first!.stdout.matchAll(/^Data {7}process \d: (\d+ images, \w{12})$/gm)];
      expect(rows).toHaveLength(2);
      expect(rows[0]![1]).toBe(rows[1]![1]);
      expect(first!.stdout).toContain('All 2 processes can train together.');

      await appendFile(join(theirs, 'b', '3.png'), Buffer.of(0));
      const [differs, also] = await check([ours, theirs]);
      expect([differs!.code, also!.code]).toEqual([1, 1]);
      expect(differs!.stdout).toMatch(
        /^Image "b\/3\.png" of process 1 \(.+\) has \d+ bytes, and that of process 0 \(.+\) \d+\.$/m,
      );

      const [missing] = await check([ours, join(folder, 'none')]);
      expect(missing!.code).toBe(1);
      expect(missing!.stdout).toMatch(/^Data set of process 1 \(.+\): .*none.* does not exist/m);
    },
  );

  it('needs --cluster for --data', async () => {
    expect(await runCli(['doctor', '--data', 'photos'])).toMatchObject({
      code: 2,
      stderr: 'error: Option --data needs --cluster.\n',
    });
  });
});
