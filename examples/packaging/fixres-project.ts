import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ManagerName, packageManager, type Registries } from './package-managers.ts';
import { type Output, runProgram } from './run-program.ts';

export interface ProjectSettings {
  /** An existing, empty folder. */
  folder: string;
  manager: ManagerName;
  /** The command of the package manager: a program and its first arguments. */
  command: readonly [string, ...string[]];
  registries: Registries;
  /** The tarball of the package `fixres`. */
  tarball: string;
  /** The Node that runs everything. Default: this one. */
  node?: string;
  /** The cache folder of fixres. Default: the user's. */
  cacheFolder?: string;
}

/** A project with fixres installed. */
export interface FixresProject {
  folder: string;
  /** Runs the fixres command in the project, with the package manager. */
  fixres: (...args: string[]) => Promise<Output>;
}

/** Creates a project in an empty folder and installs fixres in it. */
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
