import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineFlavor, EngineManifest } from '../../native/engine-entry.ts';
import {
  nativePackageIn,
  nativePackageVersion,
  type NativePackage,
} from '../../native/native-package.ts';
import { thisPlatform } from '../../native/platform.ts';
import { isDiskError } from '../disk-error.ts';
import { findCompiler } from '../find-tools.ts';
import type { Missing } from '../missing.ts';
import type { DownloadRecord, Downloads } from '../obtain/downloads.ts';
import {
  type EngineDownloads,
  findDownloads,
  missingForDownload,
  obtainDownloads,
} from '../obtain/obtain-downloads.ts';
import { lastLine, runCommand } from '../run-command.ts';
import type { BuildContext } from '../setup-context.ts';
import { addonFlags, buildAddons, nodeApiHeaders, tensorflowLinking } from './build-addons.ts';
import { extractWheel } from './extract-wheel.ts';
import { unpackPackages } from './unpack-packages.ts';

/**
 * Builds an engine in `folder` (empty; the caller removes it on failure) from the package
 * tfjs-node-gpu and TensorFlow's Python wheel. Keeps the wheel's C libraries, and compiles the
 * package's unmodified binding sources against the wheel's headers; `native/session_config.h` is
 * included before them. The binding uses only the
 * stable C API, so the library can be newer than the 2.9 release that the package requires.
 */
export async function buildFromWheel(
  flavor: EngineFlavor,
  folder: string,
  context: BuildContext,
): Promise<EngineManifest | Missing> {
  const { downloads, offline, signal } = context;
  const wanted = { flavor, platform: thisPlatform };
  const compiler = await findCompiler(signal);
  const missing = [
    ...('problem' in compiler ? [compiler.problem] : []),
    ...(offline ? [] : await missingForDownload(downloads, wanted, context)),
  ];
  if ('problem' in compiler || missing.length > 0) return { missing };

  const parts = offline
    ? await findDownloads(downloads, wanted, context)
    : await obtainDownloads(downloads, wanted, context);
  if ('missing' in parts) return parts;
  const damaged = offline ? await firstDamaged(downloads, parts, context) : null;
  if (damaged)
    return {
      missing: [
        `${downloads.path(damaged)} is damaged: its checksum differs from that of the download`,
      ],
    };

  context.onStep('unpacking');
  const nativePackage = nativePackageIn(folder);
  const scratch = join(folder, 'scratch');
  const problem = await unpack(parts, folder, context).then(
    () => nameLibraries(join(nativePackage.dependencies, 'lib')),
    (error: unknown) => {
      if (isDiskError(error)) throw error;
      return `the files could not be unpacked: ${error instanceof Error ? error.message : String(error)}`;
    },
  );
  signal?.throwIfAborted();
  if (problem) return { missing: [problem] };

  context.onStep(`compiling the binding with ${compiler.command}`);
  await mkdir(dirname(nativePackage.bindingFile), { recursive: true });
  const compiled = await runCommand(
    compiler.command,
    [...compiler.args, ...bindingArguments(nativePackage, join(scratch, 'include'))],
    { cwd: nativePackage.folder, signal },
  );
  if (compiled.code !== 0)
    return {
      missing: [
        `the binding did not compile with ${compiler.command}: ${firstError(compiled.output)}`,
      ],
    };
  await buildAddons(nativePackage, { compiler, signal });

  context.onStep('checking that it loads');
  await rm(scratch, { recursive: true, force: true });
  const check = await context.verify(nativePackage.bindingFile, signal);
  if ('problem' in check) return { missing: [`the built engine does not load: ${check.problem}`] };
  return {
    source: 'wheel',
    flavor,
    tensorflow: check.version,
    tfjsNodeGpu: nativePackageVersion,
    builtAt: new Date().toISOString(),
    downloads: allOf(parts),
  };
}

function allOf({ packages, tensorflow, nvidia }: EngineDownloads): DownloadRecord[] {
  return [...packages, tensorflow, ...nvidia];
}

async function firstDamaged(
  downloads: Downloads,
  parts: EngineDownloads,
  { signal }: BuildContext,
): Promise<DownloadRecord | null> {
  for (const record of allOf(parts)) if (!(await downloads.isIntact(record, signal))) return record;
  return null;
}

async function unpack(
  { tensorflow, nvidia }: EngineDownloads,
  folder: string,
  { downloads, packages, signal }: BuildContext,
): Promise<void> {
  await unpackPackages(downloads, packages, folder);
  const dependencies = relative(folder, nativePackageIn(folder).dependencies);
  await extractWheel(
    downloads.path(tensorflow),
    folder,
    (name) => tensorflowPlace(name, dependencies),
    signal,
  );
  for (const wheel of nvidia)
    await extractWheel(
      downloads.path(wheel),
      folder,
      (name) => nvidiaPlace(name, dependencies),
      signal,
    );
}

/** The headers of the C API and their includes: 14 of the wheel's 11,000 headers. */
const headers =
  /^tensorflow\/include\/(?:tensorflow\/c\/|tensorflow\/core\/platform\/|tsl\/platform\/|xla\/tsl\/c\/)/;

/**
 * Keeps libraries and licences, puts headers into the scratch folder, and skips the rest of the
 * wheel.
 */
function tensorflowPlace(entryName: string, dependencies: string): string | null {
  if (headers.test(entryName)) return join('scratch', entryName.slice('tensorflow/'.length));
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.[^/]+)$/.exec(entryName)?.[1];
  if (library) return join(dependencies, 'lib', library);
  return (
    {
      'tensorflow/include/LICENSE': 'LICENSE',
      'tensorflow/THIRD_PARTY_NOTICES.txt': 'THIRD_PARTY_NOTICES.txt',
    }[entryName] ?? null
  );
}

/**
 * Puts NVIDIA's libraries and XLA's kernel compiler where TensorFlow's library looks for them, as
 * in Python's site-packages: its run path is `$ORIGIN/../nvidia/…/lib`, and it looks for
 * `../nvidia/cuda_nvcc`. No environment variable is needed.
 */
function nvidiaPlace(entryName: string, dependencies: string): string | null {
  return /^nvidia\/[^/]+\/(?:lib|bin|nvvm)\//.test(entryName) ||
    /^nvidia\/.*license/i.test(entryName)
    ? join(dependencies, entryName)
    : null;
}

/**
 * Adds the library names that the linker and the binding look for. Returns the problem, or null.
 */
async function nameLibraries(libraries: string): Promise<string | null> {
  const files = await readdir(libraries).catch(() => []);
  const suffix = process.platform === 'darwin' ? '.dylib' : '.so';
  for (const [part, name] of [
    ['libtensorflow_cc', `libtensorflow${suffix}`],
    ['libtensorflow_framework', `libtensorflow_framework${suffix}`],
  ] as const) {
    const file = files.find((each) => each.startsWith(part));
    if (!file) return `the wheel has no ${part}`;
    if (name !== file) await symlink(file, join(libraries, name));
  }
  return null;
}

/**
 * The settings of the package's `binding.gyp` for a single compiler call. node-gyp would first
 * download Node's headers.
 */
function bindingArguments(nativePackage: NativePackage, include: string): string[] {
  // The macOS branch follows binding.gyp but has never been run; if it fails, setup tries the
  // vendor's download.
  return [
    ...addonFlags,
    ...[nodeApiHeaders(), dirname(nativePackage.folder), include].map((path) => `-I${path}`),
    ...['-include', fileURLToPath(new URL('../../../native/session_config.h', import.meta.url))],
    ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', '-o', nativePackage.bindingFile],
    ...tensorflowLinking(nativePackage),
  ];
}

function firstError(output: string): string {
  return (
    output
      .split('\n')
      .find((line) => /\berror\b/i.test(line))
      ?.trim() ?? lastLine(output)
  );
}
