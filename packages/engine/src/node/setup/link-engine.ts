import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { NativePackage } from '../native-package.ts';

/** The two folders of the package that come from the cache. The binding goes last: where it is, everything is. */
function links({ folder, napiVersion }: NativePackage): string[] {
  return ['deps', join('lib', `napi-v${napiVersion}`)].map((path) => join(folder, path));
}

/**
 * Makes the package use the engine in `entry`: `deps` and `lib/napi-v8` become links to the entry's folders. Whatever was there
 * is replaced, by a rename, so no process ever sees half an engine.
 */
export async function linkEngine(nativePackage: NativePackage, entry: string): Promise<void> {
  for (const link of links(nativePackage)) {
    const target = join(entry, link.slice(nativePackage.folder.length + 1));
    if ((await linkTarget(link)) === target) continue;
    await mkdir(dirname(link), { recursive: true });
    const fresh = `${link}.new-${process.pid}`;
    await rm(fresh, { force: true });
    // A junction needs no rights on Windows; elsewhere the type is ignored.
    await symlink(target, fresh, 'junction');
    await replaceBy(fresh, link);
  }
}

/** Takes the links away again; leaves folders that are not links into `cacheFolder`. */
export async function unlinkEngine(nativePackage: NativePackage, cacheFolder: string): Promise<void> {
  for (const link of links(nativePackage).reverse()) {
    const target = await linkTarget(link);
    if (target?.startsWith(resolve(cacheFolder) + sep)) await rm(link);
  }
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    return resolve(dirname(path), await readlink(path));
  } catch {
    return null;
  }
}

/** Renames `fresh` to `path`. A real folder cannot be renamed over, so it is moved aside first and deleted last. */
async function replaceBy(fresh: string, path: string): Promise<void> {
  const old = `${path}.old-${process.pid}`;
  const existing = await lstat(path).catch(() => null);
  const inTheWay = existing !== null && (existing.isDirectory() || process.platform === 'win32');
  if (inTheWay) await rename(path, old);
  await rename(fresh, path);
  if (inTheWay) await rm(old, { recursive: true, force: true });
}
