/** Where the features of views are kept. Views are numbered from 0. */
export interface FeatureStore {
  /** Whether a view was written. Its record may still turn out to be damaged when it is read. */
  has(view: number): boolean;
  /**
   * Copies a view's features into `into`.
   *
   * @returns false where there are none that can be trusted; `has` is false then as well
   */
  read(view: number, into: Float32Array): Promise<boolean>;
  /** Keeps a copy of a view's features. */
  write(view: number, values: Float32Array): Promise<void>;
  /** Gives memory and files back. Safe to call twice. */
  dispose(): Promise<void>;
}
