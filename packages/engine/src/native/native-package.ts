import { join } from 'node:path';

/** File locations in `@tensorflow/tfjs-node-gpu`. */
export interface NativePackage {
  readonly folder: string;
  /** `lib/napi-v8/tfjs_binding.node` in the folder; it may not exist. */
  readonly bindingFile: string;
  /** `deps` in the folder: TensorFlow's libraries in `lib`, and NVIDIA's in `nvidia`. */
  readonly dependencies: string;
}

/** The npm package with the binding, for both GPU and CPU. */
export const nativePackageName = '@tensorflow/tfjs-node-gpu';

/** The version the engine is built from; fixres is tested with its kernels. */
export const nativePackageVersion = '4.22.0';

/**
 * The newest Node-API version that the package lists; every Node version that fixres supports has
 * it.
 */
export const napiVersion = 8;

/** The package in the modules folder of a cached engine. */
export function nativePackageIn(entry: string): NativePackage {
  const folder = join(entry, 'node_modules', ...nativePackageName.split('/'));
  return {
    folder,
    bindingFile: join(folder, 'lib', `napi-v${napiVersion}`, 'tfjs_binding.node'),
    dependencies: join(folder, 'deps'),
  };
}
