import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const IMPORTS = '@typescript-eslint/no-restricted-imports';
const PROPERTIES = 'no-restricted-properties';
const SYNTAX = 'no-restricted-syntax';
const CYCLE = 'fixres/no-import-cycle';
const NAME = 'fixres/file-name-case';
const house = new Set([IMPORTS, PROPERTIES, SYNTAX, CYCLE, NAME, 'no-console']);

/**
 * The repository's own configuration. Rules that need types are left out, because the snippets here
 * are not part of a TypeScript program.
 */
const eslint = new ESLint({
  cwd: root,
  overrideConfig: { languageOptions: { parserOptions: { project: null } } },
  ruleFilter: ({ ruleId }) => house.has(ruleId),
});

/** The rules that report a text as if it were in this file. */
async function rulesAgainst(filePath: string, text: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(text, { filePath });
  // A text that cannot be parsed would report nothing else.
  expect(result!.fatalErrorCount, JSON.stringify(result!.messages)).toBe(0);
  return result!.messages.map(({ ruleId }) => ruleId);
}

const valueFrom = (path: string): string => `import { x } from '${path}';\nx();\n`;
const typeFrom = (path: string): string =>
  `import type { X } from '${path}';\nexport type Y = X;\n`;

describe('lint forbids the import', () => {
  it.each([
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
  ])('into %s of %s', async (file, path) => {
    expect(await rulesAgainst(file, valueFrom(path))).toEqual([IMPORTS]);
  });

  it.each([
    ['packages/data/src/new.ts', 'node:fs'],
    ['packages/data/src/new.ts', '@fixres/models'],
    ['packages/runs/src/results/new.ts', '@fixres/runner'],
    ['apps/dashboard/client/src/new.ts', '../../server/index.ts'],
    ['apps/cli/src/new.ts', '@fixres/runs/dist/index.js'],
  ])('by import() into %s of %s', async (file, path) => {
    const text = `export const load = (): Promise<unknown> => import('${path}');\n`;
    expect(await rulesAgainst(file, text)).toEqual([SYNTAX]);
  });

  it('in a re-export as well', async () => {
    expect(
      await rulesAgainst('packages/data/src/new.ts', "export { x } from '@fixres/models';\n"),
    ).toEqual([IMPORTS]);
  });
});

describe('lint allows the import', () => {
  it.each([
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
  ])('into %s: %s', async (file, text) => {
    expect(await rulesAgainst(file, text)).toEqual([]);
  });
});

describe('lint forbids in a library', () => {
  it.each([
    ['packages/data/src/new.ts', "console.log('x');", 'no-console'],
    ['packages/engine/src/new.ts', "console.warn('x');", 'no-console'],
    ['packages/data/src/node/new.ts', "process.stdout.write('x');", PROPERTIES],
    ['packages/runner/src/node/new.ts', 'process.exit(1);', PROPERTIES],
    ['packages/runner/src/node/new.ts', 'process.exitCode = 1;', PROPERTIES],
    ['packages/runs/src/node/new.ts', 'export const x = process.env.X;', PROPERTIES],
    ['packages/engine/src/new.ts', 'export const x = process.env.X;', PROPERTIES],
    ['packages/engine/src/use-engine.ts', 'process.exit(1);', PROPERTIES],
  ])('in %s: %s', async (file, text, rule) => {
    expect(await rulesAgainst(file, `${text}\n`)).toEqual([rule]);
  });

  it('but not in a command, nor environment access in the listed files of engine', async () => {
    expect(await rulesAgainst('apps/cli/src/new.ts', "console.log('x');\n")).toEqual([]);
    expect(
      await rulesAgainst('packages/engine/src/use-engine.ts', 'export const x = process.env.X;\n'),
    ).toEqual([]);
  });
});

describe('an index.ts', () => {
  it.each([
    ["import { x } from './x.ts';\nexport { x };\n", 2],
    ["export * from './x.ts';\n", 1],
    ['export const x = 1;\n', 1],
  ])('may contain only named re-exports, unlike %j', async (text, problems) => {
    expect(await rulesAgainst('packages/data/src/node/index.ts', text)).toEqual(
      Array.from({ length: problems }, () => SYNTAX),
    );
  });
});

describe('file names', () => {
  it.each(['newFile.ts', 'New-file.ts', 'new_file.ts', 'new-file.browserTest.test.ts'])(
    'must be kebab-case, unlike %s',
    async (name) => {
      expect(await rulesAgainst(`packages/data/src/${name}`, 'export {};\n')).toEqual([NAME]);
    },
  );
});

describe('an import cycle', () => {
  // named-policies.ts imports errors.ts.
  const file = 'packages/data/src/errors.ts';
  it.each([
    "import { namedPolicy } from './policies/named-policies.ts';\nnamedPolicy();\n",
    "import type { PolicyName } from './policies/named-policies.ts';\nexport type X = PolicyName;\n",
    "export { namedPolicy } from './policies/named-policies.ts';\n",
    "export const x = import('./policies/named-policies.ts');\n",
  ])('is detected in %j', async (text) => {
    expect(await rulesAgainst(file, text)).toEqual([CYCLE]);
  });

  it('is reported with the files in it', async () => {
    const [result] = await eslint.lintText("export { x } from './policies/named-policies.ts';\n", {
      filePath: file,
    });
    expect(result!.messages[0]!.message).toBe(
      `Import cycle: ${file} → packages/data/src/policies/named-policies.ts → ${file}.`,
    );
  });
});
