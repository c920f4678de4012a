// Installs fixres from packed tarballs with every package manager on every supported Node, runs the
// first steps on both engines, and prints the results as a Markdown table. With --alone, it installs
// each of the other packages alone instead, and runs the programs of its README. The packages must
// be built.
//
//   pnpm --filter @fixres/examples matrix [--alone [--package data]] [--manager npm] [--node 22]     # all but --alone may be given more than once
//
// Takes hours on two cores, and downloads everything that is not in the caches of the package
// managers and pip.
// Exits with 1 if a combination fails.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installAlone } from './install-alone.ts';
import { takeFirstSteps, takeNativeSteps } from './first-steps.ts';
import { installFixres } from './fixres-project.ts';
import { serveLoopbackRegistry } from './loopback-registry.ts';
import { type Combination, installTools } from './matrix-tools.ts';
import { packWorkspace } from './pack-workspace.ts';
import { packageCases } from './package-cases.ts';
import { userRegistry } from './user-registry.ts';
import { workspaceVersions } from './workspace-versions.ts';

const multiple = { type: 'string', multiple: true } as const;
const { values } = parseArgs({
  options: {
    manager: multiple,
    node: multiple,
    package: multiple,
    alone: { type: 'boolean', default: false },
  },
});

const root = fileURLToPath(new URL('../../..', import.meta.url));
const work = await mkdtemp(join(tmpdir(), 'fixres-matrix-'));
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const rows: string[] = [];
try {
  say('fetching Node, npm, pnpm and yarn');
  const combinations = await installTools(root, join(work, 'tools'), {
    managers: values.manager,
    majors: values.node,
  });
  say('packing');
  const packed = join(work, 'packed');
  await mkdir(packed);
  const packages = await packWorkspace(root, packed);
  const registry = await serveLoopbackRegistry(packages);
  const registries = { everything: await userRegistry(work), fixres: registry.url };
  const { tarball, manifest } = packages.find(({ name }) => name === 'fixres')!;
  const { catalog } = await workspaceVersions(root);

  /** Installs fixres with an empty cache folder, so that the native engine is downloaded and built. */
  const firstSteps = async (combination: Combination): Promise<string> => {
    const folder = join(work, 'project');
    const cacheFolder = join(work, 'cache');
    try {
      const project = await installFixres({
        ...combination,
        folder,
        registries,
        tarball,
        cacheFolder,
      });
      await takeFirstSteps(project, { weights: true });
      await takeNativeSteps(project);
      return 'wasm and tensorflow trained';
    } finally {
      for (const made of [folder, cacheFolder]) await rm(made, { recursive: true, force: true });
    }
  };
  /** Installs each package alone. */
  const alone = async (combination: Combination): Promise<string> => {
    const names = Object.keys(packageCases).filter(
      (name) => values.package?.includes(name) ?? true,
    );
    if (names.length === 0)
      throw new Error(`--package is one of ${Object.keys(packageCases).join(', ')}.`);
    for (const name of names) {
      const folder = join(work, 'project');
      try {
        const settings = { root, name, folder, own: manifest.version, catalog };
        await installAlone(settings, combination, registries);
        say(`${name} alone with ${combination.manager} on Node ${combination.nodeVersion}`);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }
    return `${names.join(', ')} used alone`;
  };

  try {
    for (const combination of combinations) {
      const { manager, version, nodeVersion } = combination;
      const start = performance.now();
      const outcome = await (values.alone ? alone : firstSteps)(combination).catch(
        (error: unknown) => {
          process.exitCode = 1;
          say(String(error));
          return 'failed';
        },
      );
      rows.push(
        `| ${manager} | ${version} | ${nodeVersion} | ${outcome} | ${Math.round((performance.now() - start) / 1000)} |`,
      );
      say(rows.at(-1)!);
    }
  } finally {
    await registry.close();
  }
} finally {
  await rm(work, { recursive: true, force: true });
}
process.stdout.write(
  `| Package manager | Version | Node | Result | Seconds |\n|---|---|---|---|---|\n${rows.join('\n')}\n`,
);
