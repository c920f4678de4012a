import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ManagerName, packageManager, type Registries } from './package-managers.ts';
import { type Output, runProgram } from './run-program.ts';

export interface ProjectSettings {
  /** Created; empty so far. */
  folder: string;
  manager: ManagerName;
  /** How to start the package manager: a program and its first arguments. */
  command: readonly [string, ...string[]];
  registries: Registries;
  /** The tarball of the package `fixres`. */
  tarball: string;
  /** The Node to run everything with. Default: this one. */
  node?: string;
  /** fixres's own cache folder. Default: the user's. */
  cacheFolder?: string;
}

/** A project in which fixres is installed. */
export interface FixresProject {
  folder: string;
  /** Runs the command fixres there, by the package manager. */
  fixres: (...args: string[]) => Promise<Output>;
}

/** Makes a project in an empty folder and installs fixres in it. */
export async function installFixres({
  folder,
  manager,
  command,
  registries,
  tarball,
  node,
  cacheFolder,
}: ProjectSettings): Promise<FixresProject> {
  const { files, install, exec, env } = packageManager(manager, registries);
  await mkdir(folder, { recursive: true });
  const manifest = JSON.stringify({ name: 'first-steps', private: true });
  for (const [name, text] of Object.entries({ 'package.json': manifest, ...files }))
    await writeFile(join(folder, name), text);
  const [program, ...first] = command;
  const options = {
    cwd: folder,
    env: { ...env, ...(cacheFolder && { FIXRES_CACHE: cacheFolder }) },
    ...(node && { node }),
  };
  await runProgram(program, [...first, ...install(tarball)], options);
  return {
    folder,
    fixres: (...args) => runProgram(program, [...first, ...exec, 'fixres', ...args], options),
  };
}
