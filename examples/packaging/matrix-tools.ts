import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ManagerName, managerNames } from './package-managers.ts';
import { runProgram } from './run-program.ts';
import { workspaceVersions } from './workspace-versions.ts';

/** Each Node with an npm of its bundled major version. */
const nodes = {
  '20': { node: '20.20.2', npm: '10.8.2' },
  '22': { node: '22.23.5', npm: '10.9.8' },
  '24': { node: '24.22.3', npm: '11.13.0' },
} as const;
type Major = keyof typeof nodes;

/** A package manager on a Node. */
export interface Combination {
  manager: ManagerName;
  /** Of the package manager. */
  version: string;
  nodeVersion: string;
  /** Path of the Node. */
  node: string;
  /** The command of the package manager: the Node and its script. */
  command: readonly [string, string];
}

export interface Selection {
  /** Default: all. */
  managers?: readonly string[] | undefined;
  /** Major versions of Node. Default: all. */
  majors?: readonly string[] | undefined;
}

/**
 * Installs every supported Node and the package managers into a new folder.
 *
 * @param root folder of the workspace
 * @throws Error if nothing is selected
 */
export async function installTools(
  root: string,
  folder: string,
  selection: Selection,
): Promise<Combination[]> {
  const managers = managerNames.filter((name) => selection.managers?.includes(name) ?? true);
  const majors = (Object.keys(nodes) as Major[]).filter(
    (major) => selection.majors?.includes(major) ?? true,
  );
  if (managers.length === 0 || majors.length === 0)
    throw new Error(
      `--manager is one of ${managerNames.join(', ')}, and --node one of ${Object.keys(nodes).join(', ')}.`,
    );
  const pnpmVersion = (await workspaceVersions(root)).packageManager.replace('pnpm@', '');
  const { devDependencies } = JSON.parse(
    await readFile(join(root, 'examples', 'package.json'), 'utf8'),
  ) as { devDependencies: Record<string, string> };
  const yarnVersion = devDependencies['@yarnpkg/cli-dist']!;
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const dependencies = Object.fromEntries([
    ...majors.flatMap((major) => [
      [`node${major}`, `npm:node-${platform}@${nodes[major].node}`],
      [`npm${major}`, `npm:npm@${nodes[major].npm}`],
    ]),
    ['pnpm', pnpmVersion],
    ['yarn', `npm:@yarnpkg/cli-dist@${yarnVersion}`],
  ]) as Record<string, string>;
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await runProgram(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    { cwd: folder },
  );
  const tool = (name: string, ...path: string[]): string =>
    join(folder, 'node_modules', name, 'bin', ...path);
  const yarn = { version: yarnVersion, script: tool('yarn', 'yarn.js') };
  return managers.flatMap((manager) =>
    majors.map((major): Combination => {
      const { version, script } = {
        npm: { version: nodes[major].npm, script: tool(`npm${major}`, 'npm-cli.js') },
        pnpm: { version: pnpmVersion, script: tool('pnpm', 'pnpm.cjs') },
        'yarn node-modules': yarn,
        'yarn pnp': yarn,
      }[manager];
      const node = tool(`node${major}`, process.platform === 'win32' ? 'node.exe' : 'node');
      return { manager, version, nodeVersion: nodes[major].node, node, command: [node, script] };
    }),
  );
}
