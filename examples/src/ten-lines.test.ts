import { execFile } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { samplePhotos, shortProcessOptions, temporaryFolder } from '@fixres/testing';
import { expect, it } from 'vitest';

it('ten-lines trains, fine-tunes and predicts', async () => {
  const program = fileURLToPath(new URL('../dist/ten-lines.js', import.meta.url));
  const photo = join(samplePhotos, 'tools', 'wrench.png');
  const cwd = await temporaryFolder();
  // The program trains 17 epochs.
  for (const name of await readdir(samplePhotos)) {
    await mkdir(join(cwd, 'photos', name), { recursive: true });
    for (const file of (await readdir(join(samplePhotos, name))).sort().slice(0, 3))
      await cp(join(samplePhotos, name, file), join(cwd, 'photos', name, file));
  }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...shortProcessOptions, program, 'photos', photo],
    { cwd },
  );
  const [accuracies, prediction] = stdout.trimEnd().split('\n');
  expect(accuracies).toMatch(/^held-out accuracy: [01]\.\d{3}, tuned: [01]\.\d{3}$/);
  expect(prediction).toMatch(/wrench\.png (animals|fish|monuments|tools|windmills)$/);
});
