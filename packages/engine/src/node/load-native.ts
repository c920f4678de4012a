import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NativePackage } from './native-package.ts';
import { restoreRemovedUtilFunctions } from './removed-util-functions.ts';

/** The parts of tfjs-node's backend object that tell what it runs on. */
export interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/**
 * Loads `@tensorflow/tfjs-node-gpu`, which registers the backend `tensorflow` and makes it the current one.
 *
 * Its native libraries greet on stderr. Unless `TF_CPP_MIN_LOG_LEVEL` is set, that is kept from the user: the variable is set
 * to 2 (errors only), and stderr is muted while the libraries load, because they log before they read it.
 *
 * @throws Whatever loading the native library throws.
 */
export function loadNative(nativePackage: NativePackage): void {
  restoreRemovedUtilFunctions();
  const require = createRequire(import.meta.url);
  if (process.env.TF_CPP_MIN_LOG_LEVEL !== undefined) {
    require(nativePackage.folder);
    return;
  }
  process.env.TF_CPP_MIN_LOG_LEVEL = '2';
  const mute = loadMute(nativePackage);
  mute?.mute();
  try {
    require(nativePackage.folder);
  } finally {
    mute?.restore();
  }
}

/** The small addon that `setupNativeEngine` builds beside the binding; absent where the vendor's binding is used. */
function loadMute({ bindingFile }: NativePackage): { mute(): void; restore(): void } | null {
  const file = join(dirname(realpathSync(bindingFile)), 'quiet_stderr.node');
  return existsSync(file) ? (createRequire(import.meta.url)(file) as { mute(): void; restore(): void }) : null;
}
