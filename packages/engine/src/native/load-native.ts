import { createRequire } from 'node:module';
import { loadAddon } from './addons.ts';
import type { NativePackage } from './native-package.ts';

/** Parts of tfjs-node's backend object that describe the device. */
export interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** The package loaded in this process. */
let loaded: NativePackage | null = null;

/** The package loaded by {@link loadNative}, or null. */
export function loadedNative(): NativePackage | null {
  return loaded;
}

/**
 * Loads `@tensorflow/tfjs-node-gpu` from the cache. The package registers the backend `tensorflow`
 * with this program's tfjs-core; loadNative makes it the current backend.
 *
 * Its native libraries print a greeting on stderr. Unless `TF_CPP_MIN_LOG_LEVEL` is set, the
 * greeting is hidden: the variable is set to 2 (errors only), and stderr is muted during loading,
 * because the libraries log before they read the variable.
 *
 * @param options.hideErrors hides errors too
 * @throws any error from loading the native library
 */
export function loadNative(
  nativePackage: NativePackage,
  { hideErrors = false }: { hideErrors?: boolean } = {},
): void {
  restoreRemovedUtilFunctions();
  provideTfjs();
  const require = createRequire(import.meta.url);
  if (process.env.TF_CPP_MIN_LOG_LEVEL !== undefined) {
    require(nativePackage.folder);
  } else {
    process.env.TF_CPP_MIN_LOG_LEVEL = hideErrors ? '3' : '2';
    const mute = loadAddon(nativePackage, 'quiet_stderr') as {
      mute(): void;
      restore(): void;
    } | null;
    mute?.mute();
    try {
      require(nativePackage.folder);
    } finally {
      mute?.restore();
    }
  }
  loaded = nativePackage;
}

/**
 * tfjs-node 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which Node 23 removed (tfjs
 * issue 8609; fixed in its repository, but not released) and Node 22 reports as deprecated. Puts
 * plain versions on the CommonJS `util` module, the object that tfjs-node uses.
 */
export function restoreRemovedUtilFunctions(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isArray = Array.isArray;
  util.isNullOrUndefined = (value: unknown): boolean => value === null || value === undefined;
}

/**
 * Passes this program's tfjs-core and tfjs-layers to the package, under the name that its stand-in
 * for `@tensorflow/tfjs` (`native/stand-ins`) reads. Resolved from the cache, they would be missing
 * or other copies, whose backends this program does not see.
 */
function provideTfjs(): void {
  const require = createRequire(import.meta.url);
  const core = require('@tensorflow/tfjs-core') as { version_core: string };
  const layers = optionalLayers(require);
  const version = {
    'tfjs-core': core.version_core,
    ...(layers.version_layers && { 'tfjs-layers': layers.version_layers }),
  };
  Object.defineProperty(globalThis, Symbol.for('fixres.engine.tfjs'), {
    value: { ...core, ...layers, version },
    configurable: true,
  });
}

/** The parts of tfjs-layers that tfjs-node uses: its progress bar is a callback of `model.fit`. */
interface LayersPart {
  readonly version_layers?: string;
  readonly CustomCallback: unknown;
  readonly registerCallbackConstructor: (verbosityLevel: number, callback: unknown) => void;
}

/**
 * tfjs-layers, which also registers the gradients of ops. A program without it has no `model.fit`
 * that calls back.
 */
function optionalLayers(require: NodeJS.Require): LayersPart {
  try {
    return require('@tensorflow/tfjs-layers') as LayersPart;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return { CustomCallback: Object, registerCallbackConstructor: () => undefined };
  }
}
