import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runPnpm } from './run-pnpm.ts';
import { runProgram } from './run-program.ts';

/** A package of this workspace, as it would be published. */
export interface PackedPackage {
  name: string;
  manifest: Readonly<Record<string, unknown>> & { version: string };
  /** Path of the tarball. */
  tarball: string;
}

/**
 * Packs every published package into `folder`, with the pnpm version that the workspace pins. The
 * packages must be built.
 *
 * @param root folder of the workspace
 */
export async function packWorkspace(root: string, folder: string): Promise<PackedPackage[]> {
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string;
  };
  await runPnpm(
    packageManager,
    [
      '--filter',
      './packages/*',
      '--filter',
      './apps/*',
      // Private.
      '--filter',
      '!@fixres/docs',
      'pack',
      '--pack-destination',
      folder,
    ],
    { cwd: root },
  );
  return await openTarballs(folder);
}

/** The packages whose tarballs are in a folder. */
export async function openTarballs(folder: string): Promise<PackedPackage[]> {
  const tarballs = (await readdir(folder))
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => join(folder, file));
  return await Promise.all(
    tarballs.map(async (tarball) => {
      const { stdout } = await runProgram('tar', ['-xzOf', tarball, 'package/package.json'], {
        cwd: folder,
      });
      const manifest = JSON.parse(stdout) as PackedPackage['manifest'] & { name: string };
      return { name: manifest.name, manifest, tarball };
    }),
  );
}
