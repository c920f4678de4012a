// Installs fixres from packed tarballs with every package manager on every supported Node, runs the
// first steps on both engines, and prints the results as a Markdown table. The packages must be
// built.
//
//   pnpm --filter @fixres/examples matrix [--manager npm] [--node 22]     # both may be given more than once
//
// Takes hours on two cores, and downloads everything that is not in the caches of the package
// managers and pip.
// Exits with 1 if a combination fails.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { takeFirstSteps } from './first-steps.ts';
import { installFixres } from './fixres-project.ts';
import { serveLoopbackRegistry } from './loopback-registry.ts';
import { managerNames } from './package-managers.ts';
import { packWorkspace } from './pack-workspace.ts';
import { runProgram } from './run-program.ts';
import { userRegistry } from './user-registry.ts';

/** Each Node with an npm of its bundled major version. */
const nodes = {
  '20': { node: '20.20.2', npm: '10.8.2' },
  '22': { node: '22.23.5', npm: '10.9.8' },
  '24': { node: '24.22.3', npm: '11.13.0' },
} as const;
type Major = keyof typeof nodes;

const multiple = { type: 'string', multiple: true } as const;
const { values } = parseArgs({ options: { manager: multiple, node: multiple } });
const managers = managerNames.filter((name) => values.manager?.includes(name) ?? true);
const majors = (Object.keys(nodes) as Major[]).filter(
  (major) => values.node?.includes(major) ?? true,
);

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  packageManager: string;
};
const pnpmVersion = packageManager.replace('pnpm@', '');
const { devDependencies } = JSON.parse(
  await readFile(join(root, 'examples', 'package.json'), 'utf8'),
) as { devDependencies: Record<string, string> };
const yarnVersion = devDependencies['@yarnpkg/cli-dist']!;
const work = await mkdtemp(join(tmpdir(), 'fixres-matrix-'));
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const rows: string[] = [];
try {
  say('fetching Node, npm, pnpm and yarn');
  const tools = await fetchTools(join(work, 'tools'));
  say('packing');
  const packed = join(work, 'packed');
  await mkdir(packed);
  const packages = await packWorkspace(root, packed);
  const registry = await serveLoopbackRegistry(packages);
  const registries = { everything: await userRegistry(work), fixres: registry.url };
  const { tarball } = packages.find(({ name }) => name === 'fixres')!;
  try {
    for (const manager of managers) {
      for (const major of majors) {
        const node = tools(
          `node${major}`,
          'bin',
          process.platform === 'win32' ? 'node.exe' : 'node',
        );
        const command = {
          npm: tools(`npm${major}`, 'bin', 'npm-cli.js'),
          pnpm: tools('pnpm', 'bin', 'pnpm.cjs'),
          'yarn node-modules': tools('yarn', 'bin', 'yarn.js'),
          'yarn pnp': tools('yarn', 'bin', 'yarn.js'),
        }[manager];
        const version = {
          npm: nodes[major].npm,
          pnpm: pnpmVersion,
          'yarn node-modules': yarnVersion,
          'yarn pnp': yarnVersion,
        }[manager];
        const folder = join(work, `${manager} ${major}`);
        // Of this combination alone, so that each downloads and builds the native engine.
        const cacheFolder = join(work, `cache of ${manager} ${major}`);
        const start = performance.now();
        const outcome = await installFixres({
          folder,
          manager,
          command: [node, command],
          registries,
          tarball,
          node,
          cacheFolder,
        })
          .then((project) => takeFirstSteps(project, { weights: true, native: true }))
          .then(
            ({ engines }) => `${engines.join(' and ')} trained`,
            (error: unknown) => {
              process.exitCode = 1;
              say(String(error));
              return 'failed';
            },
          );
        rows.push(
          `| ${manager} | ${version} | ${nodes[major].node} | ${outcome} | ${Math.round((performance.now() - start) / 1000)} |`,
        );
        say(rows.at(-1)!);
        for (const made of [folder, cacheFolder]) await rm(made, { recursive: true, force: true });
      }
    }
  } finally {
    await registry.close();
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
process.stdout.write(
  `| Package manager | Version | Node | First steps | Seconds |\n|---|---|---|---|---|\n${rows.join('\n')}\n`,
);

/**
 * Installs the tools that the combinations need, and returns a function for the path of a file in
 * one of them.
 */
async function fetchTools(folder: string): Promise<(name: string, ...path: string[]) => string> {
  const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const needed = majors.flatMap((major) => [
    [`node${major}`, `npm:node-${platform}@${nodes[major].node}`],
    [`npm${major}`, `npm:npm@${nodes[major].npm}`],
  ]);
  const dependencies = Object.fromEntries([
    ...needed,
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
  return (name, ...path) => join(folder, 'node_modules', name, ...path);
}
