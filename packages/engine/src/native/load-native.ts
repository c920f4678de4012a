import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NativePackage } from './native-package.ts';

/** The parts of tfjs-node's backend object that describe the device. */
export interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** What is loaded in this process. */
let loaded: NativePackage | null = null;

/** The package that {@link loadNative} has loaded, or null. */
export function loadedNative(): NativePackage | null {
  return loaded;
}

/**
 * Loads `@tensorflow/tfjs-node-gpu` from the cache, which registers the backend `tensorflow` with the tfjs-core of this program and makes
 * it the current one.
 *
 * Its native libraries greet on stderr. Unless `TF_CPP_MIN_LOG_LEVEL` is set, that is kept from the user: the variable is set
 * to 2 (errors only), and stderr is muted while the libraries load, because they log before they read it.
 *
 * @throws Whatever loading the native library throws.
 */
export function loadNative(nativePackage: NativePackage): void {
  restoreRemovedUtilFunctions();
  provideTfjs();
  const require = createRequire(import.meta.url);
  if (process.env.TF_CPP_MIN_LOG_LEVEL !== undefined) {
    require(nativePackage.folder);
  } else {
    process.env.TF_CPP_MIN_LOG_LEVEL = '2';
    const mute = loadMute(nativePackage);
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
 * tfjs-node 4.22 calls `util.isNullOrUndefined` and `util.isArray`, which Node 23 removed (tfjs issue 8609; fixed in its
 * repository, never released), and for which Node 22 prints a deprecation warning. Puts plain ones on the CommonJS `util` module,
 * which is the object tfjs-node holds.
 */
export function restoreRemovedUtilFunctions(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util.isArray = Array.isArray;
  util.isNullOrUndefined = (value: unknown): boolean => value === null || value === undefined;
}

/**
 * Gives the package the tfjs-core and tfjs-layers of this program, by the name under which its stand-in for `@tensorflow/tfjs` looks
 * (`native/stand-ins`). Resolving from the cache would find none, or other copies, whose backends this program does not see.
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

/** tfjs-layers, which also registers the gradients of ops; where a program has none there is no `model.fit` to call back from. */
function optionalLayers(require: NodeJS.Require): LayersPart {
  try {
    return require('@tensorflow/tfjs-layers') as LayersPart;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    return { CustomCallback: Object, registerCallbackConstructor: () => undefined };
  }
}

/**
 * The small addon that `setupNativeEngine` builds next to the binding; missing if the vendor's
 * binding is used.
 */
function loadMute({ bindingFile }: NativePackage): { mute(): void; restore(): void } | null {
  const file = join(dirname(bindingFile), 'quiet_stderr.node');
  return existsSync(file)
    ? (createRequire(import.meta.url)(file) as { mute(): void; restore(): void })
    : null;
}
