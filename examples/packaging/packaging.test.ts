import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onEngine } from '@fixres/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Each package, packed and installed with npm into an empty project outside of the workspace: it passes publint and
 * are-the-types-wrong, and the programs of its README type-check and run there.
 */
interface Case {
  /** What the README tells to install beside the package. */
  beside: string[];
  /** Packages of this workspace that it depends on; not published yet, so their tarballs stand in. */
  siblings: string[];
  /** What the README's programs print, in order. */
  prints: (string | RegExp)[];
  /** Whether its programs use the native engine. */
  setsUp?: boolean;
  /** Where it lies. Default `packages`. */
  in?: 'apps';
  /** Folders in the project that the README's programs need. */
  folders?: string[];
  /** Files that it must hold. Default: those of a package with one entry. */
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
    prints: [/changed: bn2\/gamma, bn2\/beta, bn2\/moving_mean, bn2\/moving_variance, predictions\/kernel, predictions\/bias\n$/, /^Tensor\n/, /feature maps \[6, 6, 4\] of 16 views/],
  },
  models: { beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu'], siblings: [], prints: [/Tensor/, /^128 .*\n224 299500672 /, /predictions\/kernel.*\[128, 5\]/s] },
  runner: {
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers', '@tensorflow/tfjs-backend-cpu', 'sharp'],
    setsUp: true,
    siblings: ['data', 'engine', 'models', 'finetune'],
    prints: [/not distinguishable/, /^0\.666/, /^small: \d+ of 8/, '4 128', /^\d\.\d+\nTensor\n/, /^small: sampledBoundingBoxCrop@128, fixres: shortSideCrop\+flip@\d+/],
  },
  dashboard: {
    in: 'apps',
    beside: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers'],
    siblings: ['data', 'engine', 'models', 'finetune', 'runner'],
    prints: [/^http:\/\/127\.0\.0\.1:\d+\/\n$/],
    folders: ['runs'],
    ships: ['dist/server/index.js', 'dist/server/index.d.ts', 'dist/client/index.html', 'dist/client/licences.md', 'server/index.ts', 'shared/protocol.ts'],
  },
};

/** What `fixres setup` does. */
const SET_UP = "import { setupNativeEngine } from '@fixres/engine/node'; await setupNativeEngine();";

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = (name: string): string => join(root, 'examples', 'node_modules', '.bin', name);
let work: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'fixres-packaging-'));
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { packageManager: string };
  for (const [name, { in: place = 'packages' }] of Object.entries(cases)) {
    await run('npx', ['-y', packageManager, 'pack', '--pack-destination', work], join(root, place, name));
  }
});
afterAll(() => rm(work, { recursive: true, force: true }));

describe.each(Object.entries(cases))('@fixres/%s alone', (name, { beside, siblings, setsUp = false, prints, in: place = 'packages', folders = [], ships = packageFiles }) => {
  const folder = (): string => join(work, name);
  let programs: string[];

  beforeAll(async () => {
    const readme = await readFile(join(root, place, name, 'README.md'), 'utf8');
    programs = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, program]) => program!);
    const { catalog } = await workspaceVersions();
    const tarballs = Object.fromEntries(await Promise.all([name, ...siblings].map(async (each) => [`@fixres/${each}`, await tarball(each)] as const)));
    const manifest = {
      private: true,
      type: 'module',
      dependencies: { ...tarballs, ...Object.fromEntries(beside.map((each) => [each, catalog(each)])) },
      devDependencies: { typescript: catalog('typescript'), '@types/node': catalog('@types/node') },
    };
    const tsconfig = {
      compilerOptions: { target: 'ES2023', lib: ['ES2023', 'DOM'], module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: ['node'] },
    };
    for (const each of ['.', ...folders]) await mkdir(join(folder(), each), { recursive: true });
    await writeFile(join(folder(), 'package.json'), JSON.stringify(manifest));
    await writeFile(join(folder(), 'tsconfig.json'), JSON.stringify(tsconfig));
    for (const [i, program] of programs.entries()) await writeFile(join(folder(), `program${i}.ts`), program);
    await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'], folder());
  });

  it('passes publint and are-the-types-wrong', async () => {
    const packed = (await tarball(name)).slice('file:'.length);
    await run(bin('publint'), ['run', packed, '--strict'], work);
    await run(bin('attw'), [packed, '--profile', 'esm-only'], work);
  });

  it('ships code, types, sources, licence, notices and README, and no tests', async () => {
    const files = await readdir(join(folder(), 'node_modules', '@fixres', name), { recursive: true });
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'NOTICE.md', ...ships]));
    expect(files.filter((file) => /\.test\.|fixtures/.test(file))).toEqual([]);
  });

  it('runs its README', onEngine(beside.includes('@tensorflow/tfjs-node-gpu') ? 'tensorflow' : 'cpu'), async () => {
    expect(programs).toHaveLength(prints.length);
    // Node 20 runs no TypeScript; the compiler strips the types.
    await run(join(folder(), 'node_modules', '.bin', 'tsc'), ['-p', '.', '--noEmit', 'false'], folder());
    if (setsUp) await run(process.execPath, ['--input-type=module', '-e', SET_UP], folder());
    for (const [i, expected] of prints.entries()) {
      const { stdout } = await run(process.execPath, [`program${i}.js`], folder());
      if (typeof expected === 'string') expect(stdout).toContain(expected);
      else expect(stdout).toMatch(expected);
    }
  });
});

/** Serves an empty folder, and asks for the page, everything that it loads at first, and its licences. */
const SERVE = `
import { startDashboard } from '@fixres/dashboard';
const dashboard = await startDashboard({ runs: 'runs', port: 0 });
const page = await (await fetch(dashboard.url)).text();
const loads = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
const answers = await Promise.all([...loads, './licences.md'].map(async (path) => [path, (await fetch(new URL(path, dashboard.url))).status]));
console.log(JSON.stringify({ title: /<title>(.*)<\\/title>/.exec(page)[1], answers, runs: await (await fetch(new URL('/api/runs', dashboard.url))).json() }));
await dashboard.close();
`;

it('serves the page of the dashboard from its tarball', async () => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', SERVE], join(work, 'dashboard'));
  const { title, answers, runs } = JSON.parse(stdout) as { title: string; answers: [string, number][]; runs: { rows: unknown[] } };
  expect(title).toBe('fixres dashboard');
  expect(answers.map(([path]) => path)).toEqual(expect.arrayContaining(['./icon.svg', './licences.md', expect.stringMatching(/^\.\/assets\/.*\.js$/), expect.stringMatching(/^\.\/assets\/.*\.css$/)]));
  expect(answers.filter(([, status]) => status !== 200)).toEqual([]);
  expect(runs.rows).toEqual([]);
});

async function run(program: string, args: string[], cwd: string): Promise<{ stdout: string; stderr: string }> {
  try {
    return await promisify(execFile)(program, args, { cwd, maxBuffer: 1 << 26 });
  } catch (error) {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`, { cause: error });
  }
}

async function tarball(name: string): Promise<string> {
  const file = (await readdir(work)).find((each) => each.startsWith(`fixres-${name}-`) && each.endsWith('.tgz'));
  return `file:${join(work, file!)}`;
}

/** Versions pinned by the workspace's catalog, so that the projects install what the workspace was tested with. */
async function workspaceVersions(): Promise<{ catalog: (name: string) => string }> {
  const text = await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const versions = new Map(Array.from(text.matchAll(/^ {2}"?([@\w/-]+)"?: (\S+)$/gm), ([, name, version]) => [name!, version!]));
  return { catalog: (name) => versions.get(name)! };
}
