import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

interface Manifest {
  name: string;
  private?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const readManifest = async (folder: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;

async function publishedPackages(): Promise<{ folder: string; manifest: Manifest }[]> {
  const folders = await Promise.all(
    ['packages', 'apps'].map(async (each) =>
      (await readdir(join(root, each))).map((name) => join(root, each, name)),
    ),
  );
  const all = await Promise.all(
    folders.flat().map(async (folder) => ({ folder, manifest: await readManifest(folder) })),
  );
  return all.filter(({ manifest }) => !manifest.private);
}

const published = await publishedPackages();

// If every package sees only its declared dependencies (pnpm, yarn's Plug'n'Play), a peer reaches a
// dependency only through all packages in between. If one of them does not pass it on, the
// dependency is installed a second time, without the peer.
it.each(published.map(({ folder, manifest }) => [manifest.name, folder, manifest] as const))(
  '%s passes on the peers of its dependencies',
  async (_, folder, manifest) => {
    const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies };
    const provided = { ...dependencies, ...manifest.peerDependencies };
    const missing = await Promise.all(
      Object.keys(dependencies).map(async (dependency) => {
        const installed = await realpath(join(folder, 'node_modules', dependency));
        const { peerDependencies = {}, peerDependenciesMeta = {} } = await readManifest(installed);
        // Optional peers of other authors' packages are for uses that do not apply here.
        const ours = published.some((each) => each.folder === installed);
        const needed = Object.keys(peerDependencies).filter(
          (peer) => ours || !peerDependenciesMeta[peer]?.optional,
        );
        return needed
          .filter((peer) => !(peer in provided))
          .map((peer) => `${dependency} needs ${peer}`);
      }),
    );
    expect(missing.flat()).toEqual([]);
  },
);
