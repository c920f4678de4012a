import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEngine } from '@fixres/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runProgram } from './run-program.ts';

/**
 * Each package is packed and installed into an empty project outside the workspace. It must pass
 * publint and are-the-types-wrong, and the programs in its README must type-check and run there.
 * pnpm installs all the projects at once, and each finds only the packages that it names.
 */
interface Case {
  /** Packages that the README asks to install in addition. */
  beside: string[];
  /**
   * Its dependencies in this workspace; they are not published yet, so their tarballs are
   * installed.
   */
  siblings: string[];
  /** The output of the README's programs, in order. */
  prints: (string | RegExp)[];
  /** Whether its programs use the native engine. */
  setsUp?: boolean;
  /** Its parent folder. Default `packages`. */
  in?: 'apps';
  /** Folders that the README's programs need in the project. */
  folders?: string[];
  /** Files that it must contain. Default: those of a package with one entry. */
  ships?: string[];
}

const packageFiles = ['dist/index.js', 'dist/index.d.ts', 'src/index.ts'];

const cases: Record<string, Case> = {
  data: { beside: ['sharp'], siblings: [], prints: [/^392\n/, /^\[ 8, 64, 64, 3 \]/] },
  engine: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-wasm'],
    setsUp: true,
    siblings: [],
    prints: ['', '4, 4, 4, 4, 4, 4, 4, 4, 4', /^Tensor\n {4}1\.5\nTensor\n {4}\[1, 2\]\n/],
  },
  finetune: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'],
    siblings: [],
    prints: [
      /changed: bn2\/gamma, bn2\/beta, bn2\/moving_mean, bn2\/moving_variance, predictions\/kernel, predictions\/bias\n$/,
      /^Tensor\n/,
      /feature maps \[6, 6, 4\] of 16 views/,
    ],
  },
  models: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'],
    siblings: [],
    prints: [/Tensor/, /^128 .*\n224 299500672 /, /predictions\/kernel.*\[128, 5\]/s],
  },
  runner: {
    beside: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-layers',
      '@tensorflow/tfjs-backend-cpu',
      'sharp',
    ],
    setsUp: true,
    siblings: ['data', 'engine', 'models', 'finetune', 'runs'],
    prints: [/^small: \d+ of 8/, '4 128', /^\d\.\d+\nTensor\n/],
  },
  runs: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', 'sharp'],
    siblings: ['data', 'engine', 'models', 'finetune'],
    prints: [
      /not distinguishable/,
      /^0\.666/,
      /^small: sampledBoundingBoxCrop@128, untuned: shortSideCrop\+flip@\d+, fixres: shortSideCrop\+flip@\d+/,
    ],
  },
  dashboard: {
    in: 'apps',
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
    siblings: ['data', 'engine', 'models', 'finetune', 'runs'],
    prints: [/^http:\/\/127\.0\.0\.1:\d+\/\n$/],
    folders: ['runs'],
    ships: [
      'dist/server/index.js',
      'dist/server/index.d.ts',
      'dist/client/index.html',
      'dist/client/third-party-notices.md',
      'server/index.ts',
      'shared/protocol.ts',
    ],
  },
};

const tsconfig = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'DOM'],
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  },
};

/** Does the same as `fixres setup`. */
const SET_UP =
  "import { setupNativeEngine } from '@fixres/engine/setup'; await setupNativeEngine();";

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(root, 'examples', 'node_modules', '.bin', name);
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'fixres-packaging-'));
  const { catalog, packageManager } = await workspaceVersions();
  const tarballs: Record<string, string> = {};
  for (const [name, { in: place = 'packages', folders = [], siblings, beside }] of Object.entries(
    cases,
  )) {
    const folder = join(work, name);
    for (const each of ['.', ...folders]) await mkdir(join(folder, each), { recursive: true });
    tarballs[`@fixres/${name}`] = await tarball(name);
    const manifest = {
      private: true,
      type: 'module',
      dependencies: Object.fromEntries([
        ...[name, ...siblings].map((each) => [`@fixres/${each}`, '*']),
        ...beside.map((each) => [each, catalog(each)]),
      ]) as Record<string, string>,
      devDependencies: { '@types/node': catalog('@types/node') },
    };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    for (const [i, program] of (await readmePrograms(place, name)).entries())
      await writeFile(join(folder, `program${i}.ts`), program);
  }
  // JSON is valid YAML.
  const settings = {
    packages: Object.keys(cases),
    // The packages are not published yet.
    overrides: tarballs,
    // The README has to name them.
    autoInstallPeers: false,
  };
  await writeFile(join(work, 'pnpm-workspace.yaml'), JSON.stringify(settings));
  await writeFile(join(work, 'package.json'), JSON.stringify({ private: true }));
  await runProgram(
    'npx',
    [
      '-y',
      packageManager,
      'install',
      '--prefer-offline',
      '--ignore-scripts',
      '--no-frozen-lockfile',
    ],
    { cwd: work },
  );
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe.each(Object.entries(cases))(
  '@fixres/%s alone',
  (name, { setsUp = false, prints, in: place = 'packages', ships = packageFiles }) => {
    const folder = (): string => join(work, name);

    it('passes publint and are-the-types-wrong', async () => {
      const packed = (await tarball(name)).slice('file:'.length);
      await runProgram(bin('publint'), ['run', packed, '--strict'], { cwd: work });
      await runProgram(bin('attw'), [packed, '--profile', 'esm-only'], { cwd: work });
    });

    it('contains code, types, sources, licence, notices and README, but no tests', async () => {
      const files = await readdir(join(folder(), 'node_modules', '@fixres', name), {
        recursive: true,
      });
      expect(files).toEqual(
        expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'NOTICE.md', ...ships]),
      );
      expect(files.filter((file) => /\.test\.|fixtures/.test(file))).toEqual([]);
    });

    it('runs its README', onEngine(setsUp ? 'tensorflow' : 'cpu'), async () => {
      expect(await readmePrograms(place, name)).toHaveLength(prints.length);
      // Node 20 does not run TypeScript; the compiler strips the types.
      await runProgram(join(root, 'node_modules', '.bin', 'tsc'), ['-p', '.'], { cwd: folder() });
      if (setsUp)
        await runProgram(process.execPath, ['--input-type=module', '-e', SET_UP], {
          cwd: folder(),
        });
      for (const [i, expected] of prints.entries()) {
        const { stdout } = await runProgram(process.execPath, [`program${i}.js`], {
          cwd: folder(),
        });
        if (typeof expected === 'string') expect(stdout).toContain(expected);
        else expect(stdout).toMatch(expected);
      }
    });
  },
);

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

async function readmePrograms(place: string, name: string): Promise<string[]> {
  const readme = await readFile(join(root, place, name, 'README.md'), 'utf8');
  return Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, program]) => program!);
}

async function tarball(name: string): Promise<string> {
  const packed = inject('packed');
  const file = (await readdir(packed)).find(
    (each) => each.startsWith(`fixres-${name}-`) && each.endsWith('.tgz'),
  );
  return `file:${join(packed, file!)}`;
}

/** The pnpm of the workspace, and the versions in its catalog: those that it is tested with. */
async function workspaceVersions(): Promise<{
  catalog: (name: string) => string;
  packageManager: string;
}> {
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string;
  };
  const text = await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const versions = new Map(
    Array.from(text.matchAll(/^ {2}['"]?([@\w/-]+)['"]?: (\S+)$/gm), ([, name, version]) => [
      name!,
      version!,
    ]),
  );
  return { catalog: (name) => versions.get(name)!, packageManager };
}
