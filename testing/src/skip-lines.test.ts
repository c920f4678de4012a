import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { skipLines, type TestFileResult } from './skip-lines.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The report of vitest on a file of tests, with the tags of this repository. */
async function reportOn(tests: string): Promise<TestFileResult[]> {
  const folder = await temporaryFolder();
  const source = (name: string): string =>
    JSON.stringify(join(import.meta.dirname, name).replaceAll('\\', '/'));
  await symlink(
    join(import.meta.dirname, '..', 'node_modules'),
    join(folder, 'node_modules'),
    'junction',
  );
  await writeFile(
    join(folder, 'vitest.config.ts'),
    `import { requirements } from ${source('requirements.ts')};
    export default { test: { tags: requirements(process.env, { platform: 'darwin', hasDriver: true }) } };`,
  );
  await writeFile(
    join(folder, 'a.test.ts'),
    `import { beforeAll, describe, it } from 'vitest';
    import { skipWithout } from ${source('skip-without.ts')};
    ${tests}`,
  );
  const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
  const report = join(folder, 'report.json');
  await promisify(execFile)(
    process.execPath,
    [
      join(dirname(vitest), 'vitest.mjs'),
      'run',
      '--root',
      folder,
      '--reporter=json',
      '--outputFile',
      report,
    ],
    { env: { ...process.env, FIXRES_TEST_NO_NATIVE_ENGINE: 'no C++ compiler was found' } },
    // It exits with 1 if a hook fails.
  ).catch(() => undefined);
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as {
    testResults: TestFileResult[];
  };
  return testResults;
}

it('gives each skipped test the reason of its tag, or what it found missing itself', async () => {
  const results = await reportOn(`
    const run = () => undefined;
    it('runs', run);
    it('trains', { tags: 'native-engine' }, run);
    describe('on Linux', { tags: 'linux' }, () => {
      it('reads /proc', run);
      it.each([1, 2])('reads it %i', run);
    });
    it('asks', (context) => skipWithout('a registry that answers', context));`);
  expect(skipLines(results).toSorted()).toEqual([
    'skipped: 1 test needs a registry that answers\n',
    'skipped: 1 test needs the native engine (no C++ compiler was found)\n',
    'skipped: 3 tests need Linux\n',
  ]);
});

it('names those that a failed hook left out', async () => {
  const results = await reportOn(`
    describe('all', () => {
      beforeAll(() => { throw new Error('no'); });
      it('of them', () => undefined);
    });`);
  expect(skipLines(results)).toEqual(['skipped: all of them\n']);
});
