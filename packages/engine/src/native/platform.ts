import { FixresEngineError } from '../errors.ts';

/** This machine, as `linux-x64` for example. */
export const thisPlatform: string = [process.platform, process.arch].join('-');

/** Where TensorFlow's wheel is a CUDA build. */
const cudaPlatform = 'linux-x64';

/** Whether `setupNativeEngine` can bring a CUDA build: from the wheel, or on Windows from the vendor. */
export function hasCudaBuild(platform: string): boolean {
  return platform === cudaPlatform || platform === 'win32-x64';
}

/**
 * @param way `download`: only what can be carried to another machine, which the vendor's download cannot
 * @throws FixresEngineError `bad-option` where there is no CUDA build for a platform.
 */
export function refuseGpuElsewhere(platform: string, way: 'setup' | 'download'): void {
  if (way === 'setup' ? hasCudaBuild(platform) : platform === cudaPlatform) return;
  throw new FixresEngineError(
    'bad-option',
    `gpu is true for ${platform}, but TensorFlow has a CUDA build for ${cudaPlatform} only`,
  );
}
