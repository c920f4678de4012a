import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { extract } from 'tar';
import type { Downloads } from '../obtain/downloads.ts';
import { type RuntimePackage, specOf } from '../obtain/runtime-packages.ts';

/**
 * Dependencies of tfjs-node-gpu that are not downloaded, with the file in `native/stand-ins` that
 * replaces each.
 */
const standIns: Readonly<Record<string, string>> = {
  '@tensorflow/tfjs': 'tfjs.cjs',
  // One kernel requires this package directly.
  '@tensorflow/tfjs-core': 'tfjs.cjs',
  '@mapbox/node-pre-gyp': 'node-pre-gyp.cjs',
};

/** Extracts the packages into `entry/node_modules`, and adds the stand-ins. */
export async function unpackPackages(
  downloads: Downloads,
  packages: readonly RuntimePackage[],
  entry: string,
): Promise<void> {
  for (const each of packages) {
    const folder = await makeModule(entry, each.name);
    // A package's tarball contains a single folder with any name.
    await extract({
      file: downloads.path(downloads.find(specOf(each), 'any')!),
      cwd: folder,
      strip: 1,
      // As npm does when it installs: some packages are published with files that only their author
      // may read, and a cache can be shared.
      onReadEntry: (file) => {
        file.mode = (file.mode ?? 0) | 0o644;
      },
    });
  }
  for (const [name, file] of Object.entries(standIns)) {
    const folder = await makeModule(entry, name);
    await cp(
      fileURLToPath(new URL(`../../../native/stand-ins/${file}`, import.meta.url)),
      join(folder, file),
    );
    await writeFile(join(folder, 'package.json'), `${JSON.stringify({ name, main: file })}\n`);
  }
}

async function makeModule(entry: string, name: string): Promise<string> {
  const folder = join(entry, 'node_modules', ...name.split('/'));
  await mkdir(folder, { recursive: true });
  return folder;
}
