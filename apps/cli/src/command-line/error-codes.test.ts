import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { expectedExitCode } from './expected-error.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const places = [
  ...['data', 'models', 'finetune', 'engine', 'runs', 'runner'].map((name) => ({
    folder: `packages/${name}`,
    source: 'src',
  })),
  { folder: 'apps/dashboard', source: 'server' },
];

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const union = /export type Fixres\w+ErrorCode =(.*?);\n\n/s;

function codesOf(errors: string): string[] {
  return Array.from(union.exec(errors)![1]!.matchAll(/\| '([a-z-]+)'/g), ([, code]) => code!);
}

const packages = places.map(({ folder, source }) => {
  const errors = read(folder, source, 'errors.ts');
  const files = readdirSync(join(root, folder, source), { recursive: true, encoding: 'utf8' });
  const text = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => read(folder, source, file).replace(union, ''))
    .join('\n');
  // Comments also mention codes.
  const code = text.replaceAll(/\/\*\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return { folder, codes: codesOf(errors), source: code };
});

describe.each(packages)('the error codes of $folder', ({ folder, codes, source }) => {
  it('are all thrown', () => {
    expect(codes.length).toBeGreaterThan(3);
    expect(codes.filter((code) => !source.includes(`'${code}'`))).toEqual([]);
  });

  it('are listed in its README, which has no others', () => {
    const [, table] = read(folder, 'README.md').split(/^##+ Errors$/m);
    const listed = table!.split(/^##/m)[0]!.matchAll(/^\| `([a-z-]+)` +\|/gm);
    expect(Array.from(listed, ([, code]) => code)).toEqual(codes);
  });

  it('use "bad" for invalid values', () => {
    expect(codes.filter((code) => code.startsWith('invalid'))).toEqual([]);
    expect(codes).toContain('bad-option');
  });
});

it('the command line has failure exit codes only for existing error codes', () => {
  const known = new Set(packages.flatMap(({ codes }) => codes));
  const failures = Array.from(
    read('apps/cli/src/command-line/expected-error.ts').matchAll(/^ {2}'([a-z-]+)',$/gm),
    ([, code]) => code!,
  );
  expect(failures.length).toBeGreaterThan(5);
  expect(failures.filter((code) => !known.has(code))).toEqual([]);
  const error = Object.assign(new Error('x'), { name: 'FixresRunsError', code: failures[0] });
  expect(expectedExitCode(error)).toBe(1);
});
