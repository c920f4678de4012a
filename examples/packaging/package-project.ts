import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageCases } from './package-cases.ts';
import { runProgram } from './run-program.ts';

export interface PackageProjectSettings {
  /** Folder of the workspace. */
  root: string;
  /** The package below the scope `@fixres`. */
  name: string;
  /** Is created. */
  folder: string;
  /** The range of a package of this workspace. */
  own: string;
  /** The range of another package. */
  catalog: (name: string) => string;
}

/** Does the same as `fixres setup`. */
const SET_UP =
  "import { setupNativeEngine } from '@fixres/engine/setup'; await setupNativeEngine();";

/**
 * Writes what a user of one package writes: a project that depends on it and on what its README
 * asks for, the programs of the README as `program0.ts` and so on, and a program and a page with all
 * its entries. A compiler must make JavaScript of them: Node 20 does not run TypeScript.
 */
export async function writePackageProject({
  root,
  name,
  folder,
  own,
  catalog,
}: PackageProjectSettings): Promise<void> {
  const {
    in: place = 'packages',
    beside,
    siblings,
    prints,
    folders = [],
    pageEntries = [],
  } = packageCases[name]!;
  for (const each of ['.', ...folders]) await mkdir(join(folder, each), { recursive: true });
  const read = (file: string): Promise<string> => readFile(join(root, place, name, file), 'utf8');
  const programs = Array.from(
    (await read('README.md')).matchAll(/```ts\n(.*?)```/gs),
    ([, program]) => program!,
  );
  if (programs.length !== prints.length)
    throw new Error(
      `The README of ${name} has ${programs.length} programs, and the output of ${prints.length} is known.`,
    );
  const { exports } = JSON.parse(await read('package.json')) as { exports: object };
  const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
  const manifest = {
    name: `uses-${name}`,
    private: true,
    type: 'module',
    dependencies: Object.fromEntries([
      ...[name, ...siblings].map((each) => [`@fixres/${each}`, own]),
      ...beside.map((each) => [each, catalog(each)]),
    ]) as Record<string, string>,
    devDependencies: { '@types/node': catalog('@types/node') },
  };
  const files: Record<string, string> = {
    ...Object.fromEntries(programs.map((program, i) => [`program${i}.ts`, program])),
    'package.json': JSON.stringify(manifest),
    'entries.ts': importsOf(name, entries),
    ...(pageEntries.length > 0 && {
      'index.html': '<script type="module" src="./page.ts"></script>',
      'page.ts': `${importsOf(name, pageEntries)}Object.assign(globalThis, { entries });\n`,
    }),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
}

/** Uses everything that some entries export, so that no bundler leaves it out. */
function importsOf(name: string, entries: readonly string[]): string {
  const imports = entries.map(
    (entry, i) => `import * as entry${i} from '@fixres/${name}${entry.slice(1)}';\n`,
  );
  const names = entries.map((_, i) => `entry${i}`);
  return `${imports.join('')}export const entries: object[] = [${names.join(', ')}];\n`;
}

/** How a project's programs are started. Default: with this Node. */
export interface ProgramStart {
  /** A program and its first arguments. */
  command: readonly [string, ...string[]];
  /** The Node at the front of the search path. */
  node?: string;
}

/**
 * Runs the compiled programs of a project, one after the other.
 *
 * @throws Error if a program fails or prints something else than the README promises
 */
export async function runPackageProject(
  name: string,
  folder: string,
  { command: [program, ...first], node }: ProgramStart = { command: [process.execPath] },
): Promise<void> {
  const { prints, setsUp } = packageCases[name]!;
  const run = async (file: string): Promise<string> =>
    (await runProgram(program, [...first, file], { cwd: folder, ...(node && { node }) })).stdout;
  if (setsUp) {
    await writeFile(join(folder, 'set-up.js'), SET_UP);
    await run('set-up.js');
  }
  await run('entries.js');
  for (const [i, expected] of prints.entries()) {
    const stdout = await run(`program${i}.js`);
    if (typeof expected === 'string' ? !stdout.includes(expected) : !expected.test(stdout))
      throw new Error(
        `Program ${i} of the README of ${name} printed ${JSON.stringify(stdout)}, which does not match ${String(expected)}.`,
      );
  }
}
