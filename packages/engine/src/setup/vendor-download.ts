import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { EngineFlavor, EngineManifest } from '../native/engine-entry.ts';
import {
  napiVersion,
  nativePackageIn,
  nativePackageName,
  nativePackageVersion,
} from '../native/native-package.ts';
import { unpackPackages } from './build/unpack-packages.ts';
import { findNpm } from './find-tools.ts';
import type { Missing } from './missing.ts';
import { obtainPackages } from './obtain/obtain-packages.ts';
import { errorLine, lastLine, runCommand } from './run-command.ts';
import type { BuildContext, SetupContext } from './setup-context.ts';
import { every, folderSize } from './watch-folder.ts';

/**
 * The vendor's script waits forever for a host it cannot reach, so it is stopped after this time
 * without data.
 */
const patienceSeconds = 30;

/** Dependencies of the package that only the engine needs, not the script. */
const notForTheScript: readonly string[] = ['@tensorflow/tfjs', 'google-protobuf'];

/**
 * Runs the package's own install script, which downloads libtensorflow 2.9 and a prebuilt binding,
 * and keeps the result in `folder` (empty; the caller removes it on failure). The script and its
 * dependencies are in a scratch folder that is deleted afterwards.
 */
export async function downloadFromVendor(
  flavor: EngineFlavor,
  folder: string,
  context: BuildContext,
): Promise<EngineManifest | Missing> {
  const { downloads, onStep, signal, verify } = context;
  onStep("trying the vendor's own download");
  const obtained = await obtainPackages(downloads, context);
  if ('missing' in obtained) return obtained;
  await unpackPackages(downloads, context.packages, folder);
  const nativePackage = nativePackageIn(folder);
  const scratch = join(folder, 'scratch');
  const copy = join(scratch, 'package');
  await mkdir(scratch);
  await cp(nativePackage.folder, copy, { recursive: true });
  const problem = await runInstallScript(copy, flavor, context);
  if (problem) return { missing: [problem] };
  // The script may put a link to the library next to the binding.
  const whole = { recursive: true, verbatimSymlinks: true };
  for (const part of ['deps', 'lib'])
    await cp(join(copy, part), join(nativePackage.folder, part), whole);
  await rm(scratch, { recursive: true, force: true });
  const check = await verify(nativePackage.bindingFile, signal);
  if ('problem' in check)
    return { missing: [`the vendor's engine does not load: ${check.problem}`] };
  return {
    source: 'vendor',
    flavor,
    tensorflow: check.version,
    tfjsNodeGpu: nativePackageVersion,
    builtAt: new Date().toISOString(),
    downloads: obtained,
  };
}

/** Returns the problem, or null. */
async function runInstallScript(
  copy: string,
  flavor: EngineFlavor,
  context: SetupContext,
): Promise<string | null> {
  const { onStep, signal } = context;
  const installed = await installForScript(copy, context);
  if (installed) return installed;
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
    const result = await every(
      5,
      onTick,
      runCommand(process.execPath, [join('scripts', 'install.js'), flavor, 'download'], {
        cwd: copy,
        // The script calls node-pre-gyp by name, as npm would let it.
        env: {
          ...process.env,
          PATH: [join(copy, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
        },
        signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
      }),
    );
    if (existsSync(join(copy, 'lib', `napi-v${napiVersion}`, 'tfjs_binding.node'))) return null;
    return `the vendor's install script failed: ${errorLine(result.output)}`;
  } catch (error) {
    if (!stalled.signal.aborted) throw error;
    return `the vendor's download host did not answer for ${patienceSeconds} seconds`;
  }
}

/**
 * Installs the script's dependencies without running their scripts. Returns the problem, or null.
 */
async function installForScript(copy: string, { signal }: SetupContext): Promise<string | null> {
  const file = join(copy, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const dependencies = Object.fromEntries(
    Object.entries(manifest.dependencies ?? {}).filter(([name]) => !notForTheScript.includes(name)),
  );
  await writeFile(file, JSON.stringify({ ...manifest, dependencies, devDependencies: {} }));
  const npm = await findNpm(signal);
  if ('problem' in npm) return npm.problem;
  const flags = [
    '--ignore-scripts',
    '--omit=dev',
    '--omit=optional',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--no-update-notifier',
  ];
  const { code, output } = await runCommand(npm.command, [...npm.args, 'install', ...flags], {
    cwd: copy,
    signal,
  });
  return code === 0
    ? null
    : `npm could not install what the install script of ${nativePackageName} needs: ${lastLine(output)}`;
}
