import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { NativePackage } from '../native-package.ts';
import { type EngineFlavor, type EngineManifest, entryBinding, tensorflowVersion } from './engine-entry.ts';
import { extractWheel } from './extract-wheel.ts';
import { findCompiler, findPython, howToGet } from './find-tools.ts';
import { lastLine, runCommand } from './run-command.ts';
import type { BuildContext, SetupContext } from './setup-context.ts';
import { every, largestFile } from './watch-folder.ts';

/** What a way of getting the engine lacked: one clause for the user. */
export interface Missing {
  readonly missing: readonly string[];
}

/** A Python that TensorFlow's wheels exist for. Its libraries do not use Python, so the one that runs pip may be another. */
const wheelPython = '3.12';

/**
 * Builds an engine in `folder` (empty, and left as it is on failure) from TensorFlow's Python wheel: pip downloads it and checks
 * it against the index's SHA-256, its C libraries are kept, and the unmodified binding sources of tfjs-node-gpu are compiled
 * against its headers. The C API the binding uses is stable, so it need not be the 2.9 release the package asks for.
 */
export async function buildFromWheel(
  nativePackage: NativePackage,
  flavor: EngineFlavor,
  folder: string,
  { onStep, signal, verify }: BuildContext,
): Promise<EngineManifest | Missing> {
  const python = await findPython(signal);
  const compiler = await findCompiler(signal);
  const missing = [
    ...(python ? [] : [`python3 with pip is missing: ${howToGet('python')}`]),
    ...(compiler ? [] : [`a C++ compiler is missing: ${howToGet('compiler')}`]),
  ];
  if (!python || !compiler) return { missing };

  const scratch = join(folder, 'scratch');
  await mkdir(scratch, { recursive: true });
  const wheel = await downloadWheel(python, flavor, scratch, { onStep, signal });
  if ('missing' in wheel) return wheel;

  onStep('unpacking the TensorFlow libraries');
  const sha256 = await fileSha256(join(scratch, wheel.file), signal);
  const libraries = join(folder, 'deps', 'lib');
  const include = join(scratch, 'include');
  await mkdir(libraries, { recursive: true });
  const problem = await extractWheel(join(scratch, wheel.file), folder, placeOf, signal).then(
    () => nameLibraries(libraries),
    (error: unknown) => `the wheel could not be unpacked: ${error instanceof Error ? error.message : String(error)}`,
  );
  signal?.throwIfAborted();
  if (problem) return { missing: [problem] };

  onStep(`compiling the binding with ${compiler}`);
  const binding = entryBinding(folder, nativePackage);
  await mkdir(dirname(binding), { recursive: true });
  const compiled = await runCommand(compiler, bindingArguments(nativePackage, include, libraries, binding), {
    cwd: nativePackage.folder,
    signal,
  });
  if (compiled.code !== 0) return { missing: [`the binding did not compile with ${compiler}: ${firstError(compiled.output)}`] };
  if (process.platform === 'linux') await buildMute(compiler, dirname(binding), signal);

  onStep('checking that it loads');
  await rm(scratch, { recursive: true, force: true });
  const check = await verify(binding, signal);
  if ('problem' in check) return { missing: [`the built engine does not load: ${check.problem}`] };
  return {
    source: 'wheel',
    flavor,
    tensorflow: check.version,
    tfjsNodeGpu: nativePackage.version,
    builtAt: new Date().toISOString(),
    wheel: { file: wheel.file, sha256 },
  };
}

async function downloadWheel(
  python: string,
  flavor: EngineFlavor,
  scratch: string,
  { onStep, signal }: SetupContext,
): Promise<{ readonly file: string } | Missing> {
  // There is no tensorflow-cpu for macOS; its plain wheel is the CPU build.
  const project = flavor === 'gpu' || process.platform === 'darwin' ? 'tensorflow' : 'tensorflow-cpu';
  const requirement = `${project}==${tensorflowVersion}`;
  onStep(`downloading ${requirement} with pip`);
  // pip downloads into its temporary folder: ours, so that it is seen growing and goes away with the rest.
  const temporary = join(scratch, 'tmp');
  await mkdir(temporary);
  const download = (extra: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(
      python,
      ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--progress-bar=off']
        .concat(extra, ['--dest', scratch, requirement]),
      { env: { ...process.env, TMPDIR: temporary, PYTHONUNBUFFERED: '1' }, signal },
    );
  let most = 0;
  const progress = (): void => {
    // pip copies the finished file about, so only the largest one tells how far it is.
    const bytes = largestFile(temporary);
    if (bytes > most) onStep(`downloading ${requirement}: ${Math.round(bytes / 1e6)} MB so far`);
    most = Math.max(most, bytes);
  };
  let result = await every(5, progress, download([]));
  if (result.code !== 0 && result.output.includes('No matching distribution')) {
    result = await every(5, progress, download(['--python-version', wheelPython]));
  }
  if (result.code !== 0) return { missing: [`pip could not download ${requirement}: ${lastError(result.output)}`] };
  const file = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
  return file ? { file } : { missing: [`pip downloaded no wheel of ${requirement}`] };
}

/** The headers of the C API and what they include: 14 of the wheel's 11,000 header files are needed. */
const headers = /^tensorflow\/include\/(?:tensorflow\/c\/|tensorflow\/core\/platform\/|tsl\/platform\/|xla\/tsl\/c\/)/;

/** Libraries and licences stay; headers go to the scratch folder; the rest of the wheel is left packed. */
function placeOf(entryName: string): string | null {
  if (headers.test(entryName)) return join('scratch', entryName.slice('tensorflow/'.length));
  const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.[^/]+)$/.exec(entryName)?.[1];
  if (library) return join('deps', 'lib', library);
  return { 'tensorflow/include/LICENSE': 'LICENSE', 'tensorflow/THIRD_PARTY_NOTICES.txt': 'THIRD_PARTY_NOTICES.txt' }[entryName] ?? null;
}

/** Adds the names the linker and the binding look for. Returns what is wrong, or null. */
async function nameLibraries(libraries: string): Promise<string | null> {
  const files = await readdir(libraries);
  const suffix = process.platform === 'darwin' ? '.dylib' : '.so';
  for (const [part, names] of [
    ['libtensorflow_cc', [`libtensorflow${suffix}`]],
    ['libtensorflow_framework', [`libtensorflow_framework${suffix}`]],
  ] as const) {
    const file = files.find((name) => name.startsWith(part));
    if (!file) return `the wheel has no ${part}`;
    for (const name of names) if (name !== file) await symlink(file, join(libraries, name));
  }
  return null;
}

/** What the package's `binding.gyp` says, for one call of the compiler: node-gyp would first download Node's headers. */
function bindingArguments({ folder, napiVersion }: NativePackage, include: string, libraries: string, output: string): string[] {
  // The macOS branch follows binding.gyp but was never run; where it fails, the vendor's download is tried next.
  const linking = process.platform === 'darwin'
    ? ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../../deps/lib']
    : ['-Wl,-rpath,$ORIGIN/../../deps/lib'];
  return [
    ...['-std=c++17', '-O2', '-shared', '-fPIC', `-DNAPI_VERSION=${napiVersion}`, '-DBUILDING_NODE_EXTENSION'],
    ...[nodeApiHeaders(), dirname(folder), include].map((path) => `-I${path}`),
    ...['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc', '-o', output],
    ...[`-L${libraries}`, '-ltensorflow', '-ltensorflow_framework', ...linking],
  ];
}

/** Builds the addon that keeps the libraries' greeting from the user. A nicety: the engine works without it. */
async function buildMute(compiler: string, folder: string, signal: AbortSignal | undefined): Promise<void> {
  const source = fileURLToPath(new URL('../../../native/quiet_stderr.cc', import.meta.url));
  const output = join(folder, 'quiet_stderr.node');
  const flags = ['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'];
  const { code } = await runCommand(compiler, [...flags, `-I${nodeApiHeaders()}`, source, '-o', output], { signal });
  if (code !== 0) await rm(output, { force: true });
}

function nodeApiHeaders(): string {
  return join(dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')), 'include');
}

async function fileSha256(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash, { ...(signal && { signal }) });
  return hash.digest('hex');
}

function firstError(output: string): string {
  return output.split('\n').find((line) => /\berror\b/i.test(line))?.trim() ?? lastLine(output);
}

function lastError(output: string): string {
  return output.split('\n').findLast((line) => line.startsWith('ERROR:'))?.slice('ERROR:'.length).trim() ?? lastLine(output);
}

/** Writes the manifest and moves a finished engine to its place in the cache, in one rename. */
export async function publishEntry(folder: string, entry: string, manifest: EngineManifest): Promise<void> {
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // Temporary folders are private to their user; a cache may be shared.
  await chmod(folder, 0o755);
  await rename(folder, entry);
}
