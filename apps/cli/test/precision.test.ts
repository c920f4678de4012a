import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';

it('bfloat16 is refused without the native engine before any image is read, and nothing is written', async () => {
  const own = await temporaryFolder();
  await writeFile(
    join(own, 'experiment.yaml'),
    'version: 1\ndataset: synthetic\npreset: quick\nprecision: bfloat16\n',
  );
  const { code, stdout, stderr } = await runCli([
    'run',
    join(own, 'experiment.yaml'),
    '--engine',
    'wasm',
    '--quiet',
    '--out',
    join(own, 'run'),
  ]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    'error: precision is "bfloat16", which only the native engine computes in (install it with "fixres setup"); engine wasm allows "float32".\n',
  );
  expect(await readdir(own)).toEqual(['experiment.yaml']);
});
