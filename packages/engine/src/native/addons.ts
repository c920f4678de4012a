import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NativePackage } from './native-package.ts';

/**
 * Small addons that `setupNativeEngine` builds next to the binding, from `native/NAME.cc`. The
 * vendor's binding has none.
 */
export const addons = ['quiet_stderr', 'keep_memory'] as const;

export type Addon = (typeof addons)[number];

/** Where an addon is; it may not exist. */
export function addonFile({ bindingFile }: NativePackage, name: Addon): string {
  return join(dirname(bindingFile), `${name}.node`);
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
