import { execFile } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { samplePhotos, temporaryFolder } from '@fixres/testing';
import { expect, it } from 'vitest';
import { allRoutes } from '../src/pages/routes.ts';
import { root } from '../src/repository.ts';

const command = fileURLToPath(new URL('bin/fixres.js', import.meta.resolve('fixres/package.json')));

/** An output on a page of a command that needs only the sample photos, trains nothing and measures no time. */
interface Output {
  page: string;
  words: string[];
  text: string;
}

const outputs = (
  await Promise.all(
    allRoutes().map(async ({ source }): Promise<Output[]> => {
      const text = await readFile(join(root, source), 'utf8');
      const blocks = text.matchAll(
        /^```\n\$ fixres ((?:plan|data info) photos\/[^\n]*)\n(.*?)^```$/gms,
      );
      return Array.from(blocks, ([, words, printed]) => ({
        page: source,
        words: words!.split(' '),
        text: printed!,
      }));
    }),
  )
).flat();

it('there are such outputs', () => {
  expect(outputs.length).toBeGreaterThan(1);
});

it.each(outputs)('$page shows what the command prints: $words', async ({ words, text }) => {
  const folder = await temporaryFolder();
  await symlink(samplePhotos, join(folder, 'photos'), 'junction');
  const { stdout } = await promisify(execFile)(process.execPath, [command, ...words], {
    cwd: folder,
  });
  expect(stdout.trimEnd()).toBe(text.trimEnd());
});
