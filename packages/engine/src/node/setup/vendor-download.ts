import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import type { NativePackage } from '../native-package.ts';
import type { Missing } from './build-from-wheel.ts';
import { type EngineFlavor, type EngineManifest, entryBinding } from './engine-entry.ts';
import { lastLine, runCommand } from './run-command.ts';
import type { BuildContext, SetupContext } from './setup-context.ts';
import { every, folderSize } from './watch-folder.ts';

/** The vendor's script never gives up on a host it cannot reach, so it is stopped when nothing has arrived for this long. */
const patienceSeconds = 30;

/**
 * Runs the package's own install script, which downloads libtensorflow 2.9 and a prebuilt binding, and keeps the result in
 * `folder` (empty). The script works in its own package folder and starts by deleting what is there, so it runs in a copy of
 * the package beside the original, where its dependencies resolve; the original is not touched.
 */
export async function downloadFromVendor(
  nativePackage: NativePackage,
  flavor: EngineFlavor,
  folder: string,
  { onStep, signal, verify }: BuildContext,
): Promise<EngineManifest | Missing> {
  onStep("trying the vendor's own download");
  const copy = join(dirname(nativePackage.folder), `.${basename(nativePackage.folder)}-${process.pid}`);
  try {
    const problem = await runInstallScript(nativePackage, flavor, copy, { onStep, signal });
    if (problem) return { missing: [problem] };
    await mkdir(join(folder, 'lib'), { recursive: true });
    // Copied, not renamed: the cache may be on another disk than the package.
    const whole = { recursive: true, verbatimSymlinks: true };
    await cp(join(copy, 'deps'), join(folder, 'deps'), whole);
    await cp(join(copy, 'lib', `napi-v${nativePackage.napiVersion}`), dirname(entryBinding(folder, nativePackage)), whole);
  } catch (error) {
    signal?.throwIfAborted();
    return { missing: [`the vendor's download failed: ${(error as Error).message}`] };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
  const check = await verify(entryBinding(folder, nativePackage), signal);
  if ('problem' in check) return { missing: [`the vendor's engine does not load: ${check.problem}`] };
  return {
    source: 'vendor',
    flavor,
    tensorflow: check.version,
    tfjsNodeGpu: nativePackage.version,
    builtAt: new Date().toISOString(),
  };
}

/** Returns what went wrong, or null. */
async function runInstallScript(
  { folder, napiVersion }: NativePackage,
  flavor: EngineFlavor,
  copy: string,
  { onStep, signal }: SetupContext,
): Promise<string | null> {
  await mkdir(copy, { recursive: true });
  for (const name of await readdir(folder)) {
    if (!['deps', 'lib', 'node_modules'].includes(name)) await cp(join(folder, name), join(copy, name), { recursive: true });
  }
  const modules = join(folder, 'node_modules');
  if (existsSync(modules)) await symlink(modules, join(copy, 'node_modules'), 'junction');

  // The script calls node-pre-gyp by name, as under npm.
  const programs = [join(modules, '.bin'), join(dirname(dirname(folder)), '.bin')];
  const stalled = new AbortController();
  let [size, quietSeconds] = [0, 0];
  const onTick = (): void => {
    const bytes = folderSize(copy);
    quietSeconds = bytes > size ? 0 : quietSeconds + 5;
    if (bytes > size) onStep(`downloading from the vendor: ${Math.round(bytes / 1e6)} MB so far`);
    size = bytes;
    if (quietSeconds >= patienceSeconds) stalled.abort();
  };
  try {
    const result = await every(5, onTick, runCommand(process.execPath, ['scripts/install.js', flavor, 'download'], {
      cwd: copy,
      env: { ...process.env, PATH: [...programs, process.env.PATH ?? ''].join(delimiter) },
      signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
    }));
    if (existsSync(join(copy, 'lib', `napi-v${napiVersion}`, 'tfjs_binding.node'))) return null;
    return `the vendor's install script failed: ${lastLine(result.output)}`;
  } catch (error) {
    if (!stalled.signal.aborted) throw error;
    return `the vendor's download host did not answer for ${patienceSeconds} seconds`;
  }
}
