import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NativePackage } from './native-package.ts';

/**
 * Small addons that `setupNativeEngine` builds next to the binding, from `native/NAME.cc`. The vendor's binding has none.
 *
 * `digest` is the start of the SHA-256 of the source. It is part of the file's name, so an addon that an older fixres built is not
 * taken for the current one.
 */
export const addons = {
  quiet_stderr: { digest: 'dc6869f6', callsTensorflow: false },
  keep_memory: { digest: 'd4bf4c8d', callsTensorflow: false },
  winograd: { digest: 'a4d1f50f', callsTensorflow: true },
} as const;

export type Addon = keyof typeof addons;

/** Where an addon is; it may not exist. */
export function addonFile({ bindingFile }: NativePackage, name: Addon): string {
  return join(dirname(bindingFile), `${name}-${addons[name].digest}.node`);
}

/**
 * Loads an addon; null if there is none.
 *
 * @throws any error from loading the native library
 */
export function loadAddon(nativePackage: NativePackage, name: Addon): unknown {
  const file = addonFile(nativePackage, name);
  return existsSync(file) ? createRequire(import.meta.url)(file) : null;
}
