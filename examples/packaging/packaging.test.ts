import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEngine } from '@fixres/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildPage } from './build-page.ts';
import { compilerSettings, type Resolution, resolutions } from './compiler-settings.ts';
import { packageCases } from './package-cases.ts';
import { packageProblems } from './package-problems.ts';
import { runPackageProject, writePackageProject } from './package-project.ts';
import { runPnpm } from './run-pnpm.ts';
import { runProgram } from './run-program.ts';
import { workspaceVersions } from './workspace-versions.ts';

const packageFiles = ['dist/index.js', 'dist/index.d.ts', 'src/index.ts'];

/**
 * Each package is packed and installed into an empty project outside the workspace. It must pass
 * publint and are-the-types-wrong, and the programs in its README must type-check and run there.
 * pnpm installs all the projects at once, and each finds only the packages that it names.
 * matrix.ts does this with every package manager on every Node.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(root, 'examples', 'node_modules', '.bin', name);
/** What the compiler reports about all projects. */
const typeErrors = new Map<Resolution, string[]>();
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'fixres-packaging-'));
  const { catalog, packageManager } = await workspaceVersions(root);
  const tarballs: Record<string, string> = {};
  for (const name of Object.keys(packageCases)) {
    await writePackageProject({ root, name, folder: join(work, name), own: '*', catalog });
    tarballs[`@fixres/${name}`] = `file:${await tarball(name)}`;
  }
  await writeFile(
    join(work, 'data', 'wrong.ts'),
    "import { missing } from '@fixres/data';\nmissing();\n",
  );
  // JSON is valid YAML.
  const settings = {
    packages: Object.keys(packageCases),
    // The packages are not published yet.
    overrides: tarballs,
    // The README has to name them.
    autoInstallPeers: false,
  };
  await writeFile(join(work, 'pnpm-workspace.yaml'), JSON.stringify(settings));
  await writeFile(join(work, 'package.json'), JSON.stringify({ private: true }));
  await runPnpm(
    packageManager,
    ['install', '--prefer-offline', '--ignore-scripts', '--no-frozen-lockfile'],
    { cwd: work },
  );
  // All projects at once, because they share most declarations; each finds only its own packages.
  for (const resolution of resolutions) {
    const text = compilerSettings(resolution, ['*/*.ts'], ['./data/node_modules/@types']);
    await writeFile(join(work, 'tsconfig.json'), text);
    const printed = await runProgram(bin('tsc'), ['-p', '.'], { cwd: work }).then(
      ({ stdout }) => stdout,
      (error: unknown) => (error as { stdout: string }).stdout,
    );
    typeErrors.set(
      resolution,
      printed.split('\n').filter((line) => line.includes('error TS')),
    );
  }
});
afterAll(() => rm(work, { recursive: true, force: true }));

it.each(resolutions)('with %s, the compiler finds a wrong import', (resolution) => {
  const others = typeErrors.get(resolution)!.filter((line) => !/^\w+\//.test(line));
  expect(others).toEqual([]);
  expect(typeErrors.get(resolution)!.join()).toMatch(/^data\/wrong\.ts\b.*missing/m);
});

describe.each(Object.entries(packageCases))(
  '@fixres/%s alone',
  (name, { setsUp = false, ships = packageFiles }) => {
    it('passes publint and are-the-types-wrong', async () => {
      expect(await packageProblems(await readFile(await tarball(name)))).toEqual([]);
    });

    it('contains code, types, sources, licence, notices and README, but no tests', async () => {
      const files = await readdir(join(work, name, 'node_modules', '@fixres', name), {
        recursive: true,
      });
      expect(files).toEqual(
        expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'NOTICE.md', ...ships]),
      );
      expect(files.filter((file) => /\.test\.|fixtures/.test(file))).toEqual([]);
    });

    it.each(resolutions)('has types with %s', (resolution) => {
      const found = typeErrors.get(resolution)!.filter((line) => line.startsWith(`${name}/`));
      expect(found.filter((line) => !line.startsWith('data/wrong.ts'))).toEqual([]);
    });

    it(
      'runs its README, and every entry can be imported',
      onEngine(setsUp ? 'tensorflow' : 'cpu'),
      () => runPackageProject(name, join(work, name)),
    );
  },
);

describe('a page with Vite', () => {
  // Compressed kB that load at first, without TensorFlow.js; a fifth more than on 30 November 2026.
  const most: Record<string, number> = {
    data: 50,
    engine: 4,
    finetune: 21,
    models: 90,
    runner: 167,
    runs: 130,
  };

  it('has a limit for each package with entries for pages', () => {
    const forPages = Object.entries(packageCases).filter(([, { pageEntries }]) => pageEntries);
    expect(Object.keys(most).toSorted()).toEqual(forPages.map(([name]) => name).toSorted());
  });

  it.each(Object.entries(most))(
    'can be built with every entry of @fixres/%s that needs no Node, within %d kB',
    async (name, kilobytes) => {
      const { startBytes, nodeModules } = await buildPage(join(work, name));
      expect(nodeModules).toEqual([]);
      expect(startBytes / 1000).toBeGreaterThan(kilobytes / 2);
      expect(startBytes / 1000).toBeLessThanOrEqual(kilobytes);
    },
  );
});

/**
 * Serves an empty folder, and requests the page, everything that it loads at first, and its
 * licences.
 */
const SERVE = `
import { startDashboard } from '@fixres/dashboard';
const dashboard = await startDashboard({ runs: 'runs', port: 0 });
const page = await (await fetch(dashboard.url)).text();
const loads = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
const answers = await Promise.all([...loads, './third-party-notices.md'].map(async (path) => [path, (await fetch(new URL(path, dashboard.url))).status]));
console.log(JSON.stringify({ title: /<title>(.*)<\\/title>/.exec(page)[1], answers, runs: await (await fetch(new URL('/api/runs', dashboard.url))).json() }));
await dashboard.close();
`;

it('the dashboard serves its page from the tarball', async () => {
  const { stdout } = await runProgram(process.execPath, ['--input-type=module', '-e', SERVE], {
    cwd: join(work, 'dashboard'),
  });
  const { title, answers, runs } = JSON.parse(stdout) as {
    title: string;
    answers: [string, number][];
    runs: { rows: unknown[] };
  };
  expect(title).toBe('fixres dashboard');
  expect(answers.map(([path]) => path)).toEqual(
    expect.arrayContaining([
      './icon.svg',
      './third-party-notices.md',
      expect.stringMatching(/^\.\/assets\/.*\.js$/),
      expect.stringMatching(/^\.\/assets\/.*\.css$/),
    ]),
  );
  expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
  expect(runs.rows).toEqual([]);
});

async function tarball(name: string): Promise<string> {
  const packed = inject('packed');
  const file = (await readdir(packed)).find(
    (each) => each.startsWith(`fixres-${name}-`) && each.endsWith('.tgz'),
  );
  return join(packed, file!);
}
