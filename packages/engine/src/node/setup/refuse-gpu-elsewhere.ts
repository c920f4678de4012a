import { FixresEngineError } from '../../errors.ts';

/** Where TensorFlow's wheel is a CUDA build. */
const cudaPlatform = 'linux-x64';

/** @throws FixresEngineError `invalid-option` where there is no CUDA build for a platform. */
export function refuseGpuElsewhere(platform: string, vendorHasOne = false): void {
  if (platform === cudaPlatform || vendorHasOne) return;
  throw new FixresEngineError('invalid-option', `gpu is true for ${platform}, but TensorFlow has a CUDA build for ${cudaPlatform} only`);
}
