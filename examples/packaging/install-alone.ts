import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildPage } from './build-page.ts';
import { compilerSettings, resolutions } from './compiler-settings.ts';
import type { Combination } from './matrix-tools.ts';
import { packageCases } from './package-cases.ts';
import { packageManager, type Registries } from './package-managers.ts';
import {
  type PackageProjectSettings,
  runPackageProject,
  writePackageProject,
} from './package-project.ts';
import { runProgram } from './run-program.ts';

/**
 * Installs one package in an empty project with a package manager, checks the types of its README's
 * programs and of all its entries for Node and for bundlers, builds a page with Vite, and runs the
 * programs. With Plug'n'Play the compiler and Vite are left out: they need support for it of their
 * own.
 *
 * @throws Error if one of these fails
 */
export async function installAlone(
  settings: PackageProjectSettings,
  { manager, node, command }: Combination,
  registries: Registries,
): Promise<void> {
  const { name, folder } = settings;
  const { files, installAll, runFile, env } = packageManager(manager, registries);
  await writePackageProject(settings);
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  const [program, ...first] = command;
  await runProgram(program, [...first, ...installAll], { cwd: folder, env: env ?? {}, node });
  const hasFolders = manager !== 'yarn pnp';
  for (const resolution of resolutions) {
    const file = `tsconfig.${resolution}.json`;
    const text = compilerSettings(resolution, ['*.ts'], ['./node_modules/@types']);
    await writeFile(join(folder, file), text);
    if (hasFolders) await compile(folder, file);
  }
  if (!hasFolders) await compile(folder, 'tsconfig.nodenext.json', '--noCheck', '--types', '');
  if (hasFolders && packageCases[name]!.pageEntries) await buildPage(folder);
  await runPackageProject(name, folder, {
    command: runFile ? [program, ...first, ...runFile] : [node],
    node,
  });
}

/** With the compiler of this workspace. */
async function compile(folder: string, settings: string, ...options: string[]): Promise<void> {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  await runProgram(process.execPath, [join(typescript, 'bin', 'tsc'), '-p', settings, ...options], {
    cwd: folder,
  });
}
