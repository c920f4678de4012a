import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const tsc = join(root, 'examples', 'node_modules', '.bin', 'tsc');
const page = await readFile(join(root, 'docs', 'how-to-add.md'), 'utf8');

/** The content of a section of the page: new files, and changes of existing files. */
interface Addition {
  title: string;
  files: { path: string; text: string }[];
  changes: { path: string; before: string; after: string; added: string[] }[];
}

/** Parses the page: a code block belongs to the last path before it. */
const additions = page
  .split(/^## /m)
  .slice(1)
  .map((section): Addition => {
    const addition: Addition = { title: section.split('\n')[0]!, files: [], changes: [] };
    let path = '';
    for (const [, named, language, code] of section.matchAll(
      /`((?:packages|apps)\/[^`]+\.tsx?)`|^```(\w+)\n(.*?)^```$/gms,
    )) {
      if (named !== undefined) path = named;
      else if (language !== 'diff') addition.files.push({ path, text: code! });
      else {
        const lines = code!.trimEnd().split('\n');
        const text = (all: string[]): string => all.map((line) => `${line.slice(1)}\n`).join('');
        const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
        const before = text(lines.filter((line) => !line.startsWith('+')));
        addition.changes.push({ path, before, after: text(lines), added });
      }
    }
    return addition;
  });

/** The locations of the packages' sources, and the configuration of the type check. */
const checked = {
  'packages/data': { folders: ['src'], config: 'tsconfig.json' },
  'packages/models': { folders: ['src'], config: 'tsconfig.json' },
  'apps/cli': { folders: ['src'], config: 'tsconfig.json' },
  'apps/dashboard': { folders: ['client', 'shared'], config: 'client/tsconfig.json' },
} as const;

/** Copies the packages' sources without tests to a place from which their dependencies resolve. */
async function copySources(copy: string): Promise<void> {
  await cp(join(root, 'tsconfig.base.json'), join(copy, 'tsconfig.base.json'));
  for (const [name, { folders, config }] of Object.entries(checked)) {
    await mkdir(join(copy, name), { recursive: true });
    await symlink(join(root, name, 'node_modules'), join(copy, name, 'node_modules'), 'junction');
    await cp(join(root, name, 'package.json'), join(copy, name, 'package.json'));
    await cp(join(root, name, config), join(copy, name, config));
    for (const folder of folders) {
      await cp(join(root, name, folder), join(copy, name, folder), {
        recursive: true,
        filter: (path) => !/\.test\.tsx?$|^fixtures$/.test(basename(path)),
      });
    }
    const extending = {
      extends: `./${config}`,
      compilerOptions: {
        // The built siblings, whose declarations are not checked again.
        customConditions: [],
        // Several checkers would each resolve the types that all sources share.
        singleThreaded: true,
      },
      include: folders,
    };
    await writeFile(join(copy, name, 'tsconfig.copy.json'), JSON.stringify(extending));
  }
}

/** The compiler's errors for a copied package. */
async function problemsOf(name: string, copy: string): Promise<string> {
  try {
    await promisify(execFile)(tsc, ['-p', join(copy, name, 'tsconfig.copy.json'), '--noEmit']);
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('docs/how-to-add.md', () => {
  let copy: string;
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'fixres-how-to-add-'));
    await copySources(copy);
    for (const { files, changes } of additions) {
      for (const { path, text } of files) await writeFile(join(copy, path), text);
      for (const { path, before, after } of changes) {
        const text = await readFile(join(copy, path), 'utf8');
        expect(text.split(before), `${path} has once: ${before}`).toHaveLength(2);
        await writeFile(
          join(copy, path),
          text.replace(before, () => after),
        );
      }
    }
    const { path } = additions[0]!.files[0]!;
    const broken = join(dirname(join(copy, path)), 'broken.ts');
    await writeFile(broken, "export const wrong: number = 'text';\n");
  });

  afterAll(() => rm(copy, { recursive: true, force: true }));

  it('has an example for each kind of addition', () => {
    expect(additions.map(({ title }) => title)).toEqual([
      'A test policy',
      'An architecture',
      'An export format',
      'A dashboard chart',
      'A command',
    ]);
    for (const { files } of additions) expect(files.length).toBeGreaterThan(0);
  });

  it.each(additions)('registers with one line: $title', ({ title, changes }) => {
    const lines = changes
      .flatMap(({ added }) => added)
      .filter((line) => !line.startsWith('import '));
    // A model's name is in a separate table that loads no TensorFlow.js.
    expect(lines).toHaveLength(title === 'An architecture' ? 2 : 1);
  });

  it.each(Object.keys(checked))('has examples that compile in %s', async (name) => {
    expect(additions.some(({ files }) => files.some(({ path }) => path.startsWith(name)))).toBe(
      true,
    );
    const problems = await problemsOf(name, copy);
    if (name !== 'packages/data') expect(problems).toBe('');
    // An example that does not compile would be reported, and nothing else is.
    else expect(problems).toMatch(/^\S*broken\.ts\(1,14\): error TS2322: [^\n]*\n$/);
  });
});
