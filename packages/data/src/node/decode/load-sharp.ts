import type sharp from 'sharp';

type Loader = () => Promise<typeof sharp>;

let load: Loader = async () => (await import('sharp')).default;
let loading: Promise<typeof sharp> | undefined;

/**
 * sharp, loaded when it is first used: loading it takes as long as decoding tens of photos, and reading JPEG
 * and BMP files does not need it.
 */
export function loadSharp(): Promise<typeof sharp> {
  return (loading ??= load());
}

/** Sets how this thread loads sharp. */
export function loadSharpBy(loader: Loader): void {
  load = loader;
}
