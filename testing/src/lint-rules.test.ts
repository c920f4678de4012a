import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const IMPORTS = 'fixres(allowed-imports)';
const RE_EXPORTS = 'fixres(only-re-exports)';
const CYCLE = 'fixres(no-import-cycle)';
const NAME = 'fixres(file-name-case)';
const PROPERTIES = 'eslint(no-restricted-properties)';
const LIMITS = 'fixres(shared-time-limits)';
const SKIPS = 'fixres(skips-with-reason)';
const CONSOLE = 'eslint(no-console)';
const house = new Set([IMPORTS, RE_EXPORTS, CYCLE, NAME, LIMITS, SKIPS, PROPERTIES, CONSOLE]);

/** A report of oxlint. */
interface Problem {
  code?: string;
  message: string;
  filename: string;
}

/** Files of a tree with the configuration of the repository, which oxlint checks in one run. */
const files = new Map<string, string>();
let folder: string;
let problems: readonly Problem[];

/** Adds a text as if it were in this file. If several are, each is in a folder of its own there. */
function add(file: string, text: string): string {
  const place = files.has(file)
    ? join(dirname(file), `copy-${files.size}`, basename(file))
    : join(file);
  files.set(place, text);
  return place;
}

/** The rules that report a file: those of this repository, or all. */
function rulesAgainst(place: string, all = false): (string | undefined)[] {
  return problems
    .filter(({ filename, code }) => join(filename) === place && (all || house.has(code ?? '')))
    .map(({ code }) => code);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-lint-'));
  for (const name of ['.oxlintrc.json', 'tsconfig.base.json', join('scripts', 'lint')])
    await cp(join(root, name), join(folder, name), { recursive: true });
  files.set('package.json', '{ "type": "module" }');
  files.set('tsconfig.json', '{ "extends": "./tsconfig.base.json" }');
  for (const [file, text] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  // oxlint looks for the program that checks types from its working folder.
  const ofRoot = createRequire(join(root, 'package.json'));
  const typed = createRequire(ofRoot.resolve('oxlint-tsgolint/package.json'));
  const { platform, arch } = process;
  const OXLINT_TSGOLINT_PATH = typed.resolve(
    `@oxlint-tsgolint/${platform}-${arch}/tsgolint${platform === 'win32' ? '.exe' : ''}`,
  );
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      [oxlint, '--format=json'],
      {
        cwd: folder,
        env: { ...process.env, OXLINT_TSGOLINT_PATH },
        maxBuffer: 1e8,
      },
      // It exits with 1 if it reports anything.
      (error, stdout, stderr) => {
        if (error?.code === 1 && stdout.startsWith('{')) resolve(stdout);
        else reject(new Error(`oxlint: ${stdout}${stderr}`, { cause: error }));
      },
    );
  });
  ({ diagnostics: problems } = JSON.parse(output) as { diagnostics: Problem[] });
  // A text that cannot be parsed would report nothing else.
  expect(problems.filter(({ code }) => code === undefined)).toEqual([]);
});

afterAll(() => rm(folder, { recursive: true }));

const valueFrom = (path: string): string => `import { x } from '${path}';\nx();\n`;
const typeFrom = (path: string): string =>
  `import type { X } from '${path}';\nexport type Y = X;\n`;

describe('lint forbids the import', () => {
  it.each(
    [
      ['packages/data/src/new.ts', '@fixres/models'],
      ['packages/models/src/new.ts', '@fixres/data'],
      ['packages/finetune/src/node/new.ts', '@fixres/models'],
      ['packages/engine/src/setup/new.ts', '@fixres/data/node'],
      ['packages/engine/src/wasm/new.ts', 'node:fs'],
      ['packages/data/src/new.ts', 'node:fs'],
      ['packages/data/src/new.ts', 'sharp'],
      ['packages/models/src/new.ts', './node/read-weights-place.ts'],
      ['packages/runs/src/results/new.ts', '@fixres/models'],
      ['packages/runs/src/node/new.ts', '@fixres/finetune'],
      ['packages/runs/src/node/new.ts', '@tensorflow/tfjs-core'],
      ...[
        'report',
        'events',
        'experiment',
        'metrics',
        'statistics',
        'results',
        'checkpoints',
      ].flatMap((folder) => [
        [`packages/runs/src/${folder}/new.ts`, 'node:fs'],
        [`packages/runs/src/${folder}/new.ts`, '../node/run-folder.ts'],
      ]),
      ['packages/runs/src/report/page/new.ts', '@fixres/data'],
      ['packages/runner/src/new.ts', 'fixres'],
      ['packages/runner/src/node/new.ts', '@fixres/dashboard'],
      ['packages/runner/src/training/new.ts', 'node:os'],
      ['apps/dashboard/client/src/new.ts', 'node:fs'],
      ['apps/dashboard/client/src/new.ts', '@fixres/data/node'],
      ['apps/dashboard/client/src/new.ts', '../../server/index.ts'],
      ['packages/runner/src/new.ts', '../../runs/src/index.ts'],
      ['apps/cli/src/new.ts', '../../../packages/runs/src/index.ts'],
      ['apps/cli/src/new.ts', '@fixres/runs/dist/index.js'],
      ['packages/runner/src/new.ts', '@fixres/testing'],
    ].map(([file, path]) => [file, path, add(file!, valueFrom(path!))]),
  )('into %s of %s', (_file, _path, place) => {
    expect(rulesAgainst(place)).toEqual([IMPORTS]);
  });

  it.each(
    [
      ['packages/data/src/new.ts', 'node:fs'],
      ['packages/data/src/new.ts', '@fixres/models'],
      ['packages/runs/src/results/new.ts', '@fixres/runner'],
      ['apps/dashboard/client/src/new.ts', '../../server/index.ts'],
      ['apps/cli/src/new.ts', '@fixres/runs/dist/index.js'],
    ].map(([file, path]) => [
      file,
      path,
      add(file!, `export const load = (): Promise<unknown> => import('${path}');\n`),
    ]),
  )('by import() into %s of %s', (_file, _path, place) => {
    expect(rulesAgainst(place)).toEqual([IMPORTS]);
  });

  const reExport = add('packages/data/src/new.ts', "export { x } from '@fixres/models';\n");
  it('in a re-export as well', () => {
    expect(rulesAgainst(reExport)).toEqual([IMPORTS]);
  });
});

describe('lint allows the import', () => {
  it.each(
    [
      ['packages/runs/src/results/new.ts', valueFrom('@fixres/data')],
      ['packages/runs/src/results/new.ts', valueFrom('@fixres/models/names')],
      ['packages/runs/src/results/new.ts', valueFrom('@fixres/finetune/settings')],
      ['packages/runs/src/results/new.ts', typeFrom('@fixres/models')],
      ['packages/runs/src/report/page/new.ts', typeFrom('@fixres/data')],
      ['packages/runs/src/node/new.ts', valueFrom('node:fs')],
      ['packages/runner/src/node/new.ts', valueFrom('@fixres/models/node')],
      ['packages/data/src/node/new.ts', valueFrom('../rng.ts')],
      ['apps/dashboard/client/src/new.ts', valueFrom('../../shared/protocol.ts')],
      ['packages/runs/src/results/new.test.ts', valueFrom('@fixres/testing')],
    ].map(([file, text]) => [file, text, add(file!, text!)]),
  )('into %s: %s', (_file, _text, place) => {
    expect(rulesAgainst(place)).toEqual([]);
  });
});

describe('lint forbids in a library', () => {
  it.each(
    [
      ['packages/data/src/new.ts', "console.log('x');", CONSOLE],
      ['packages/engine/src/new.ts', "console.warn('x');", CONSOLE],
      ['packages/data/src/node/new.ts', "process.stdout.write('x');", PROPERTIES],
      ['packages/runner/src/node/new.ts', 'process.exit(1);', PROPERTIES],
      ['packages/runner/src/node/new.ts', 'process.exitCode = 1;', PROPERTIES],
      ['packages/runs/src/node/new.ts', 'export const x = process.env.X;', PROPERTIES],
      ['packages/engine/src/new.ts', 'export const x = process.env.X;', PROPERTIES],
      ['packages/engine/src/use-engine.ts', 'process.exit(1);', PROPERTIES],
    ].map(([file, text, rule]) => [file, text, rule, add(file!, `${text}\n`)]),
  )('in %s: %s', (_file, _text, rule, place) => {
    expect(rulesAgainst(place)).toEqual([rule]);
  });

  const command = add('apps/cli/src/new.ts', "console.log('x');\n");
  const listed = add('packages/engine/src/cache-folder.ts', 'export const x = process.env.X;\n');
  it('but not in a command, nor environment access in the listed files of engine', () => {
    expect(rulesAgainst(command)).toEqual([]);
    expect(rulesAgainst(listed)).toEqual([]);
  });
});

describe('an index.ts', () => {
  it.each(
    (
      [
        ["import { x } from './x.ts';\nexport { x };\n", 2],
        ["export * from './x.ts';\n", 1],
        ['export const x = 1;\n', 1],
        ["export { x } from './x.ts';\n", 0],
      ] as const
    ).map(([text, count]) => ({
      text,
      count,
      place: add('packages/data/src/node/index.ts', text),
    })),
  )('may contain only named re-exports: $text', ({ count, place }) => {
    expect(rulesAgainst(place)).toEqual(Array.from({ length: count }, () => RE_EXPORTS));
  });
});

describe('file names', () => {
  it.each(
    ['newFile.ts', 'New-file.ts', 'new_file.ts', 'new-file.browserTest.test.ts'].map((name) => [
      name,
      add(`packages/data/src/${name}`, 'export {};\n'),
    ]),
  )('must be kebab-case, unlike %s', (_name, place) => {
    expect(rulesAgainst(place)).toEqual([NAME]);
  });
});

describe('an import cycle', () => {
  it.each(
    [
      "import { x } from './back.ts';\nx();\n",
      "import type { X } from './back.ts';\nexport type Y = X;\n",
      "export { x } from './back.ts';\n",
      "export const x = import('./back.ts');\n",
    ].map((text) => {
      const place = add('packages/data/src/cycle/errors.ts', text);
      files.set(join(dirname(place), 'back.ts'), "export * from './errors.ts';\n");
      return { text, place };
    }),
  )('is detected in $text, and reported with the files in it', ({ place }) => {
    expect(rulesAgainst(place)).toEqual([CYCLE]);
    const back = join(dirname(place), 'back.ts');
    expect(problems.find(({ filename }) => join(filename) === place)!.message).toBe(
      `Import cycle: ${place} → ${back} → ${place}.`,
    );
  });
});

/** Adds tests to a file, with what they import. */
const addTests = (text: string): string =>
  add(
    'packages/data/src/new.test.ts',
    `import { beforeAll, describe, expect, it, vi } from 'vitest';\n${text}\n`,
  );
const nothing = '() => undefined';

describe('a time limit of tests', () => {
  it.each(
    [
      `await vi.waitFor(${nothing});`,
      `await vi.waitFor(${nothing}, 900_000);`,
      `await vi.waitUntil(${nothing}, { timeout: 900_000 });`,
      `it('x', ${nothing}, 60_000);`,
      `it('x', { timeout: 60_000 }, ${nothing});`,
      `it.each([1])('x', ${nothing}, 60_000);`,
      `it.each([1])('x', { tags: 'linux', timeout: 60_000 }, ${nothing});`,
      `describe('x', { timeout: 60_000 }, ${nothing});`,
      `beforeAll(${nothing}, 600_000);`,
      `await expect.poll(${nothing}, { timeout: 20_000 }).toBe(1);`,
    ].map((text) => [text, addTests(text)]),
  )('is not below the shared one: %s', (_text, place) => {
    expect(rulesAgainst(place)).toEqual([LIMITS]);
  });

  it.each(
    [
      `it.each([60_000])('x', ${nothing}, 1_800_000);`,
      `it('x', { timeout: 900_000 }, ${nothing});`,
      `beforeAll(${nothing});`,
      `await expect.poll(${nothing}, { interval: 500 }).toBe(1);`,
      `await expect.poll(${nothing}, { timeout: 300_000 }).toBe(1);`,
      'expect.soft(60_000).toBe(60_000);',
      "import { test } from './other.ts';\ntest('x', 1);",
    ].map((text) => [text, addTests(text)]),
  )('may be: %s', (_text, place) => {
    expect(rulesAgainst(place)).toEqual([]);
  });
});

describe('a skipped test', () => {
  it.each(
    [
      `it.skip('x', ${nothing});`,
      `it.skipIf(Math.random() > 2)('x', ${nothing});`,
      `describe.runIf(Math.random() > 2)('x', ${nothing});`,
      `it.runIf(Math.random() > 2).each([1])('x', ${nothing});`,
      "it.todo('x');",
      `it('x', { skip: true }, ${nothing});`,
      "it('x', ({ skip }) => skip('no reason in the report'));",
      "it('x', (context) => context.skip());",
    ].map((text) => [text, addTests(text)]),
  )('has a reason that npm test can report, unlike %s', (_text, place) => {
    expect(rulesAgainst(place)).toEqual([SKIPS]);
  });

  it.each(
    [
      `it('x', { tags: 'linux' }, ${nothing});`,
      "import { skipWithout } from '@fixres/testing';\nit('x', (context) => skipWithout('luck', context));",
      "import { test } from './other.ts';\ntest.skip(1);",
    ].map((text) => [text, addTests(text)]),
  )('may be %s', (_text, place) => {
    expect(rulesAgainst(place)).toEqual([]);
  });
});

describe('rules with types', () => {
  const promise = 'const later = (): Promise<number> => Promise.resolve(1);\n';
  const union = "declare const kind: 'a' | 'b';\n";
  it.each(
    Object.entries({
      'await-thenable': 'export const x = await 1;\n',
      'no-base-to-string': 'export const x = String({});\n',
      'no-deprecated': '/** @deprecated Use b. */\nconst a = (): void => undefined;\na();\n',
      'no-explicit-any': 'export type X = any;\n',
      'no-floating-promises': `${promise}later();\n`,
      'no-misused-promises': `${promise}if (later()) later;\n`,
      'no-unnecessary-condition': `${union}if (kind) kind.trim();\n`,
      'no-unnecessary-type-assertion': `${union}export const x = kind!;\n`,
      'no-unsafe-assignment': "export const x: number = JSON.parse('1');\n",
      'no-unsafe-member-access': "export const x: unknown = JSON.parse('1').y;\n",
      'only-throw-error': "throw 'x';\n",
      'prefer-nullish-coalescing':
        "declare const x: string | undefined;\nexport const y = x || 'z';\n",
      'require-await': 'export const x = async (): Promise<number> => 1;\n',
      'restrict-template-expressions': 'export const x = `${{}}`;\n',
      'switch-exhaustiveness-check': `${union}switch (kind) { case 'a': kind.trim(); }\n`,
      'unbound-method': 'class A { x(): A { return this; } }\nexport const { x } = new A();\n',
    }).map(([rule, text]) => ({ rule, place: add(`packages/data/src/${rule}.ts`, text) })),
  )('include $rule', ({ rule, place }) => {
    expect(rulesAgainst(place, true)).toContain(`typescript(${rule})`);
  });
});

describe("the compiler's checks, which the build leaves to lint,", () => {
  it.each(
    Object.entries({
      TS2322: 'export const x: string = 1;\n',
      TS2307: "import { x } from './missing.ts';\nx();\n",
      TS2375: 'export const x: { y?: number } = { y: undefined };\n',
      TS2532: 'const x: number[] = [];\nexport const y: string = x[0].toString();\n',
      TS2578: '// @ts-expect-error nothing is wrong here\nexport const x: number = 1;\n',
      TS1294: 'export enum X {\n  y,\n}\n',
      TS1484: "import { X } from './types-only.ts';\nexport type Y = X;\n",
      TS9010: 'export const x = Math.random() > 2 ? Math.min : Math.max;\n',
    }).map(([code, text]) => ({ code, place: add(`packages/data/src/${code}.ts`, text) })),
  )('include $code', ({ code, place }) => {
    expect(rulesAgainst(place, true)).toContain(`typescript(${code})`);
  });
  add('packages/data/src/types-only.ts', 'export type X = number;\n');
});
