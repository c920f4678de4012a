import type { Downloads } from './obtain/downloads.ts';
import type { RuntimePackage } from './obtain/runtime-packages.ts';

/** What every step of a set-up gets. */
export interface SetupContext {
  /** Told what is being done, one line at a time. */
  readonly onStep: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What a step gets that downloads. */
export interface DownloadContext extends SetupContext {
  readonly packages: readonly RuntimePackage[];
}

/** Loads a binding and returns its TensorFlow version, or why it does not load. */
export type VerifyBinding = (
  bindingFile: string,
  signal?: AbortSignal,
) => Promise<{ readonly version: string } | { readonly problem: string }>;

/** What the ways of getting an engine get. */
export interface BuildContext extends DownloadContext {
  readonly verify: VerifyBinding;
  /** The files of the engine, as far as they exist. */
  readonly downloads: Downloads;
  /** Nothing may be downloaded: everything must be in `downloads`. */
  readonly offline: boolean;
}
