import { loadAddon } from './addons.ts';
import { loadedNative } from './load-native.ts';

/**
 * Registers the ops of `native/winograd.cc` with TensorFlow, once per process.
 *
 * @returns false if the native engine has no such addon: it was built without a compiler, or by an older fixres
 * @throws Error with TensorFlow's message if it refuses an op
 */
export function registerWinograd(): boolean {
  const native = loadedNative();
  const addon = native && (loadAddon(native, 'winograd') as { register(): void } | null);
  addon?.register();
  return addon !== null;
}
