import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEngine } from '@fixres/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runProgram } from './run-program.ts';

/**
 * Each package is packed and installed with npm into an empty project outside the workspace. It
 * must pass publint and are-the-types-wrong, and the programs in its README must type-check and run
 * there.
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

/** Does the same as `fixres setup`. */
const SET_UP =
  "import { setupNativeEngine } from '@fixres/engine/setup'; await setupNativeEngine();";

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(root, 'examples', 'node_modules', '.bin', name);
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'fixres-packaging-'));
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe.each(Object.entries(cases))(
  '@fixres/%s alone',
  (
    name,
    {
      beside,
      siblings,
      setsUp = false,
      prints,
      in: place = 'packages',
      folders = [],
      ships = packageFiles,
    },
  ) => {
    const folder = (): string => join(work, name);
    let programs: string[];

    beforeAll(async () => {
      const readme = await readFile(join(root, place, name, 'README.md'), 'utf8');
      programs = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, program]) => program!);
      const { catalog } = await workspaceVersions();
      const tarballs = Object.fromEntries(
        await Promise.all(
          [name, ...siblings].map(
            async (each) => [`@fixres/${each}`, await tarball(each)] as const,
          ),
        ),
      );
      const manifest = {
        private: true,
        type: 'module',
        dependencies: {
          ...tarballs,
          ...Object.fromEntries(beside.map((each) => [each, catalog(each)])),
        },
        devDependencies: {
          typescript: catalog('typescript'),
          '@types/node': catalog('@types/node'),
        },
      };
      const tsconfig = {
        compilerOptions: {
          target: 'ES2023',
          lib: ['ES2023', 'DOM'],
          module: 'nodenext',
          strict: true,
          noEmit: true,
          skipLibCheck: true,
          types: ['node'],
        },
      };
      for (const each of ['.', ...folders]) await mkdir(join(folder(), each), { recursive: true });
      await writeFile(join(folder(), 'package.json'), JSON.stringify(manifest));
      await writeFile(join(folder(), 'tsconfig.json'), JSON.stringify(tsconfig));
      for (const [i, program] of programs.entries())
        await writeFile(join(folder(), `program${i}.ts`), program);
      await runProgram(
        'npm',
        ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'],
        { cwd: folder() },
      );
    });

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
      expect(programs).toHaveLength(prints.length);
      // Node 20 does not run TypeScript; the compiler strips the types.
      await runProgram(
        join(folder(), 'node_modules', '.bin', 'tsc'),
        ['-p', '.', '--noEmit', 'false'],
        { cwd: folder() },
      );
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

async function tarball(name: string): Promise<string> {
  const packed = inject('packed');
  const file = (await readdir(packed)).find(
    (each) => each.startsWith(`fixres-${name}-`) && each.endsWith('.tgz'),
  );
  return `file:${join(packed, file!)}`;
}

/**
 * The versions in the workspace's catalog, so that the projects install the versions that the
 * workspace is tested with.
 */
async function workspaceVersions(): Promise<{ catalog: (name: string) => string }> {
  const text = await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const versions = new Map(
    Array.from(text.matchAll(/^ {2}['"]?([@\w/-]+)['"]?: (\S+)$/gm), ([, name, version]) => [
      name!,
      version!,
    ]),
  );
  return { catalog: (name) => versions.get(name)! };
}
