/** What every step of a set-up gets. */
export interface SetupContext {
  /** Told what is being done, one line at a time. */
  readonly onStep: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Loads a binding and tells its TensorFlow's version, or why it does not load. */
export type VerifyBinding = (bindingFile: string, signal?: AbortSignal) => Promise<{ readonly version: string } | { readonly problem: string }>;

/** What the ways of getting an engine get. */
export interface BuildContext extends SetupContext {
  readonly verify: VerifyBinding;
}
