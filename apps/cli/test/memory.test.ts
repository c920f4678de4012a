import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig, Summary } from '@fixres/runs';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';
import { tinyExperiment, writeExperiment } from './tiny-experiment.ts';

/** 40 photos that take 60 MB decoded, and one arm. */
async function prepare(folder: string): Promise<object> {
  for (const [i, name] of ['a', 'b'].entries()) {
    await mkdir(join(folder, 'photos', name), { recursive: true });
    for (let n = 0; n < 20; n++)
      await sharp({
        create: {
          width: 1000,
          height: 500,
          channels: 3,
          background: { r: 90 * i, g: 6 * n, b: 9 },
        },
      })
        .jpeg()
        .toFile(join(folder, 'photos', name, `${n}.jpg`));
  }
  const [base] = tinyExperiment.arms;
  return { ...tinyExperiment, arms: [{ ...base, gradientCheckpointing: true }] };
}

it('trains in a memory budget, and refuses one in which training does not fit', async () => {
  const folder = await temporaryFolder();
  const experiment = await prepare(folder);
  const file = await writeExperiment(folder, 'small', { ...experiment, memory: '100MB' });
  const out = join(folder, 'run');
  const refused = await runCli(['run', file, '--out', out, '--quiet']);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  const [, least] =
    /^error: memory is 100MB; it must be at least (\d+)MB, which training needs without any cache, the most in arm "base"\. A smaller batch size and smaller images take less\.\n$/.exec(
      refused.stderr,
    ) ?? [];
  expect(Number(least)).toBeGreaterThan(100);
  expect(existsSync(out)).toBe(false);
  const unlimited = await runCli(['run', file, '--memory', 'none', '--dry-run', '--quiet']);
  expect(unlimited.code).toBe(0);
  expect(unlimited.stdout).not.toContain('memory');

  // About a part of the photos fits: another measurement differs by up to a tenth.
  const limitMb = Number(least) + 50;
  const trained = await runCli(['run', file, '--memory', `${limitMb}MB`, '--out', out], {
    ownProcess: true,
  });
  expect(trained.code).toBe(0);
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(out, name), 'utf8'));
  const { memory, command } = (await read('config.json')) as RunConfig;
  expect(memory).toMatchObject({ limitMb, featuresMb: 0 });
  const { trainingMb, photosMb } = memory!;
  // There is room for a tenth more than all, whose size was estimated.
  expect(photosMb).toBe(Math.min(limitMb - trainingMb, 66));
  const photos = photosMb < 60 ? `${photosMb} MB of 60 MB` : '60 MB';
  expect(trained.stderr).toContain(
    `Memory: at most ${limitMb} MB: training ${trainingMb} MB, cached photos ${photos}\n`,
  );
  // It changes no result.
  expect(command).not.toContain('memory');
  const { arms } = (await read('summary.json')) as Summary;
  expect(arms[0]!.peakRssMb).toBeLessThanOrEqual(limitMb);
});
