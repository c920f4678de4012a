import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readExperimentFile } from './parse-experiment-file.ts';

it.each([
  ['an unresolved alias', 'source: *all', /Unresolved alias .*: all/],
  ['too many aliases', `a: &a x\nb: [${'*a, '.repeat(101)}]`, /Excessive alias count/],
])('reports in one line that a file has %s', async (_, text, reason) => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-experiment-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'e.yaml');
  await writeFile(file, text);
  const message = expect.stringMatching(
    new RegExp(`^Experiment file ".*e\\.yaml" is neither YAML nor JSON: ${reason.source}.*\\.$`),
  ) as string;
  await expect(readExperimentFile(file)).rejects.toMatchObject({ code: 'bad-experiment', message });
});
