import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'scripts', 'notices.mjs');

async function notices(...args: string[]): Promise<{ code: number; stderr: string }> {
  return await new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, _, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });
}

/**
 * Creates a workspace with one package, `ours`, and its installed dependencies. Returns its folder.
 */
async function workspace(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-notices-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const all = {
    'packages/ours/NOTICE.md': 'By hand.\n<!-- dependencies: x -->\n<!-- end -->\nMore.\n',
    ...files,
  };
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const ours = (fields: object): string =>
  JSON.stringify({ name: 'ours', files: ['NOTICE.md'], ...fields });
const installed = 'packages/ours/node_modules';
const mit =
  'Copyright (c) 2020-2024 Ada Byron <ada@example.org>\n\nPermission is hereby granted, free\nof charge, to any person';

describe('the third-party notices', () => {
  it('match the installed packages, in every published package', async () => {
    // The packages in a bundle are known only after its build.
    for (const bundle of ['dashboard/dist/client', 'cli/dist/bundle'])
      await access(join(root, 'apps', bundle, 'third-party-notices.md'));
    expect(await notices('--check')).toEqual({ code: 0, stderr: '' });
  });

  it('contain known entries', async () => {
    const cli = await readFile(join(root, 'apps', 'cli', 'NOTICE.md'), 'utf8');
    expect(cli).toContain('| `@img/sharp-libvips-*` | LGPL-3.0-or-later |');
    expect(cli).toMatch(
      /`h5wasm` was developed by the National Institute of Standards and Technology/,
    );
    for (const name of [
      'commander',
      'hono',
      'yaml',
      'yauzl',
      '@tensorflow/tfjs-core',
      'seedrandom',
    ])
      expect(cli).toContain(`\`${name}\``);
    const page = await readFile(
      join(root, 'apps', 'dashboard', 'dist', 'client', 'third-party-notices.md'),
      'utf8',
    );
    for (const holder of [/Jason Miller/, /Preact Team/, /Leon Sorokin/])
      expect(page).toMatch(holder);
  });

  it('list transitive and peer dependencies, and keep the handwritten part', async () => {
    const folder = await workspace({
      'packages/ours/package.json': ours({
        dependencies: { one: '1' },
        peerDependencies: { peer: '1', absent: '1' },
        peerDependenciesMeta: { absent: { optional: true } },
      }),
      [`${installed}/one/package.json`]: JSON.stringify({
        name: 'one',
        version: '1.0.0',
        license: 'MIT',
        dependencies: { two: '1' },
        devDependencies: { three: '1' },
      }),
      [`${installed}/one/LICENSE`]: mit,
      [`${installed}/one/node_modules/two/package.json`]: JSON.stringify({
        name: 'two',
        version: '1.0.0',
        license: 'MIT',
      }),
      [`${installed}/one/node_modules/two/license.md`]: mit.replace('Ada Byron', 'Grace Hopper'),
      [`${installed}/peer/package.json`]: JSON.stringify({
        name: 'peer',
        version: '1.0.0',
        license: 'MIT',
        author: 'Mary Keller <mary@example.org>',
      }),
      [`${installed}/peer/README.md`]: mit.split('\n').slice(1).join('\n'),
    });
    expect(await notices('--root', folder)).toEqual({ code: 0, stderr: '' });
    expect(await readFile(join(folder, 'packages/ours/NOTICE.md'), 'utf8')).toBe(
      'By hand.\n<!-- dependencies: x -->\n\n| Package | Licence | Copyright |\n|---|---|---|\n| `one` | MIT | Ada Byron |\n| `peer` | MIT | Mary Keller |\n| `two` | MIT | Grace Hopper |\n\n<!-- end -->\nMore.\n',
    );
    expect((await notices('--root', folder, '--check')).code).toBe(0);
  });

  it.each([
    [
      'a dependency that is not listed',
      {
        [`${installed}/one/package.json`]: '{"name":"one","version":"1.0.0","license":"MIT"}',
        [`${installed}/one/LICENSE`]: mit,
      },
      /NOTICE\.md is not what is installed; run pnpm notices/,
    ],
    [
      'a licence that was not reviewed',
      {
        [`${installed}/one/package.json`]:
          '{"name":"one","version":"1.0.0","license":"GPL-3.0-only"}',
      },
      /one 1\.0\.0 is under "GPL-3\.0-only", which nobody has reviewed/,
    ],
    [
      'a missing licence',
      { [`${installed}/one/package.json`]: '{"name":"one","version":"1.0.0"}' },
      /one 1\.0\.0 is under "none", which nobody has reviewed/,
    ],
    [
      'a licence text that differs from the declared licence',
      {
        [`${installed}/one/package.json`]:
          '{"name":"one","version":"1.0.0","license":"Apache-2.0"}',
        [`${installed}/one/LICENSE`]: mit,
      },
      /one 1\.0\.0 declares "Apache-2\.0", but has no such text/,
    ],
    ['a dependency that is not installed', {}, /ours needs one, which is not installed/],
  ])('are refused for %s', async (_, files, message) => {
    const folder = await workspace({
      'packages/ours/package.json': ours({ dependencies: { one: '1' } }),
      ...files,
    });
    const { code, stderr } = await notices('--root', folder, '--check');
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it.each([
    [
      'is not published',
      { 'packages/ours/package.json': JSON.stringify({ name: 'ours', files: ['dist'] }) },
      /package\.json: NOTICE\.md is not among its files/,
    ],
    [
      'has no place for the list',
      { 'packages/ours/package.json': ours({}), 'packages/ours/NOTICE.md': 'Nothing.' },
      /NOTICE\.md is missing, or has no place/,
    ],
    [
      'lacks the text of a bundled package',
      {
        'packages/ours/package.json': ours({}),
        'packages/ours/dist/client/third-party-notices.md': '# Licenses\n\n## one - 1.0.0 (MIT)\n',
      },
      /one is bundled and has no licence text of its own/,
    ],
    [
      'does not list bundled packages',
      {
        'packages/ours/package.json': ours({}),
        'packages/ours/dist/client/third-party-notices.md': '# Licenses\n\n## one - 1.0.0\n',
      },
      /one is bundled and under "none", which nobody has reviewed/,
    ],
  ])('are refused if a file %s', async (_, files, message) => {
    const { code, stderr } = await notices('--root', await workspace(files), '--check');
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});
