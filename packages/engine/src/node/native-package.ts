import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where an installed `@tensorflow/tfjs-node-gpu` keeps what. */
export interface NativePackage {
  readonly folder: string;
  readonly version: string;
  /** The Node-API version its binding is built for on this Node. */
  readonly napiVersion: number;
  /** `lib/napi-v8/tfjs_binding.node` inside the folder; it need not exist. */
  readonly bindingFile: string;
}

/** The npm package that carries the binding; the same one runs on a GPU and on the CPU. */
export const nativePackageName = '@tensorflow/tfjs-node-gpu';

/** The package's binding is built for the newest Node-API version it lists that this Node has. */
const packageNapiVersion = 8;

/** The installed package, or null when it is not installed (it is an optional peer). */
export function findNativePackage(): NativePackage | null {
  try {
    return describeNativePackage(dirname(createRequire(import.meta.url).resolve(`${nativePackageName}/package.json`)));
  } catch {
    return null;
  }
}

/** Describes the package in `folder`. */
export function describeNativePackage(folder: string): NativePackage {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return {
    folder,
    version,
    napiVersion: packageNapiVersion,
    bindingFile: join(folder, 'lib', `napi-v${packageNapiVersion}`, 'tfjs_binding.node'),
  };
}

/** Whether a binding file is there; says nothing about whether it loads. */
export function hasBinding(nativePackage: NativePackage): boolean {
  return existsSync(nativePackage.bindingFile);
}
