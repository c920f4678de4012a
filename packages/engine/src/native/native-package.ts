import { join } from 'node:path';

/** Where `@tensorflow/tfjs-node-gpu` keeps what. */
export interface NativePackage {
  readonly folder: string;
  /** `lib/napi-v8/tfjs_binding.node` inside the folder; it need not exist. */
  readonly bindingFile: string;
  /** `deps` inside the folder: TensorFlow's libraries, in `lib`, and NVIDIA's, in `nvidia`. */
  readonly dependencies: string;
}

/** The npm package that carries the binding; the same one runs on a GPU and on the CPU. */
export const nativePackageName = '@tensorflow/tfjs-node-gpu';

/** The version that the engine is built from, whose kernels fixres is tested with. */
export const nativePackageVersion = '4.22.0';

/** The package's binding is built for the newest Node-API version it lists; every Node that fixres runs on has it. */
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
