import { FixresEngineError } from '../errors.ts';

/** This platform, for example `linux-x64`. */
export const thisPlatform: string = [process.platform, process.arch].join('-');

/** The platform whose TensorFlow wheel is a CUDA build. */
const cudaPlatform = 'linux-x64';

/**
 * Whether `setupNativeEngine` can install a CUDA build: from the wheel, or on Windows from the
 * vendor.
 */
export function hasCudaBuild(platform: string): boolean {
  return platform === cudaPlatform || platform === 'win32-x64';
}

/**
 * @param way `download`: accept only what can be moved to another machine, which excludes the
 * vendor's download
 * @throws FixresEngineError `bad-option` if there is no CUDA build for the platform
 */
export function refuseGpuElsewhere(platform: string, way: 'setup' | 'download'): void {
  if (way === 'setup' ? hasCudaBuild(platform) : platform === cudaPlatform) return;
  throw new FixresEngineError(
    'bad-option',
    `gpu is true for ${platform}, but TensorFlow has a CUDA build for ${cudaPlatform} only`,
  );
}
