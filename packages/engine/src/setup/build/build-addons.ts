import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Addon, addonFile, addons } from '../../native/addons.ts';
import { napiVersion, type NativePackage } from '../../native/native-package.ts';
import { findCompiler, type Tool } from '../find-tools.ts';
import { runCommand } from '../run-command.ts';

/** Compiler flags for the binding and the addons next to it. */
export const addonFlags: readonly string[] = [
  '-std=c++17',
  '-O2',
  '-shared',
  '-fPIC',
  `-DNAPI_VERSION=${napiVersion}`,
  '-DBUILDING_NODE_EXTENSION',
];

/**
 * Builds the addons that are missing next to a binding, on Linux. The engine also works without
 * them, so a failure leaves one out.
 *
 * @param compiler default: the one that {@link findCompiler} finds, if an addon is missing
 */
export async function buildAddons(
  nativePackage: NativePackage,
  { compiler, signal }: { compiler?: Tool; signal?: AbortSignal | undefined } = {},
): Promise<void> {
  if (process.platform !== 'linux') return;
  const missing = (Object.keys(addons) as Addon[]).filter(
    (name) => !existsSync(addonFile(nativePackage, name)),
  );
  if (missing.length === 0) return;
  const found = compiler ?? (await findCompiler(signal));
  if ('problem' in found) return;
  for (const name of missing) await buildAddon(found, name, { nativePackage, signal });
}

async function buildAddon(
  { command, args }: Tool,
  name: Addon,
  { nativePackage, signal }: { nativePackage: NativePackage; signal: AbortSignal | undefined },
): Promise<void> {
  const file = addonFile(nativePackage, name);
  const source = fileURLToPath(new URL(`../../../native/${name}.cc`, import.meta.url));
  // Another process may be building or loading it in a finished engine.
  const partial = `${file}.${process.pid}.tmp`;
  try {
    const { code } = await runCommand(
      command,
      [
        ...args,
        ...addonFlags,
        `-I${nodeApiHeaders()}`,
        source,
        '-o',
        partial,
        ...(addons[name].callsTensorflow ? tensorflowLinking(nativePackage) : []),
      ],
      { signal },
    );
    if (code === 0) await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Compiler options for what calls TensorFlow's C API, and finds its libraries from the folder of the binding. */
export function tensorflowLinking({ dependencies }: NativePackage): string[] {
  return [
    ...[`-L${join(dependencies, 'lib')}`, '-ltensorflow', '-ltensorflow_framework'],
    ...(process.platform === 'darwin'
      ? ['-undefined', 'dynamic_lookup', '-Wl,-rpath,@loader_path/../../deps/lib']
      : ['-Wl,-rpath,$ORIGIN/../../deps/lib']),
  ];
}

/** The headers of Node-API, from their npm package. */
export function nodeApiHeaders(): string {
  return join(
    dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')),
    'include',
  );
}
