import type { Downloads } from './obtain/downloads.ts';
import type { RuntimePackage } from './obtain/runtime-packages.ts';

/** Context of every setup step. */
export interface SetupContext {
  /** Receives progress messages, one line each. */
  readonly onStep: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Context of a step that downloads. */
export interface DownloadContext extends SetupContext {
  readonly packages: readonly RuntimePackage[];
}

/** Loads a binding; returns its TensorFlow version, or the reason if it does not load. */
export type VerifyBinding = (
  bindingFile: string,
  signal?: AbortSignal,
) => Promise<{ readonly version: string } | { readonly problem: string }>;

/** Context of the ways to build an engine. */
export interface BuildContext extends DownloadContext {
  readonly verify: VerifyBinding;
  /** The files of the engine that exist already. */
  readonly downloads: Downloads;
  /** Nothing may be downloaded: everything must be in `downloads`. */
  readonly offline: boolean;
}
