import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';
import { tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';

it('errors name the settings of an experiment file as in the file', async () => {
  const folder = await temporaryFolder();
  await writeTinyPhotos(folder);
  for (const part of ['train', 'validation'])
    await cp(join(folder, 'photos'), join(folder, 'parts', part), { recursive: true });
  const parts = await writeExperiment(folder, 'parts', {
    ...tinyExperiment,
    dataset: { source: 'parts', heldOut: 0.2 },
  });
  const split = await runCli(['run', parts, '--out', join(folder, 'no'), '--quiet']);
  expect(split).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'error: dataset.heldOut of the experiment file is 0.2, but "parts" brings its own split; leave it out.\n',
  });

  await writeFile(join(folder, 'photos', 'a', 'bad.jpg'), 'no picture');
  const damaged = await runCli([
    'run',
    await writeExperiment(folder, 'damaged', tinyExperiment),
    '--out',
    join(folder, 'no'),
    '--quiet',
  ]);
  expect(damaged).toMatchObject({ code: 2, stdout: '' });
  expect(damaged.stderr).toMatch(
    /^error: Image a\/bad\.jpg .*[^.]\. Repair or remove these files, or leave them out with dataset\.skipCorrupt in the experiment file\.\n$/,
  );
});
