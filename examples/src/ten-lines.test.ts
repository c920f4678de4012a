import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { samplePhotos, temporaryFolder } from '@fixres/testing';
import { expect, it } from 'vitest';

it('ten-lines trains, fine-tunes and predicts', async () => {
  const program = fileURLToPath(new URL('../dist/ten-lines.js', import.meta.url));
  const photo = join(samplePhotos, 'tools', 'wrench.png');
  const { stdout } = await promisify(execFile)(process.execPath, [program, samplePhotos, photo], {
    cwd: await temporaryFolder(),
  });
  const [accuracies, prediction] = stdout.trimEnd().split('\n');
  expect(accuracies).toMatch(/^held-out accuracy: [01]\.\d{3}, tuned: [01]\.\d{3}$/);
  expect(prediction).toMatch(/wrench\.png (animals|fish|monuments|tools|windmills)$/);
});
