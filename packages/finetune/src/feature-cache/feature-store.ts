/** Store for the features of views. Views are numbered from 0. */
export interface FeatureStore {
  /** Whether a view was written. Its record can still be found damaged when it is read. */
  has(view: number): boolean;
  /**
   * Copies a view's features into `into`.
   *
   * @returns false if there are no intact ones; `has` is false then as well
   */
  read(view: number, into: Float32Array): Promise<boolean>;
  /** Stores a copy of a view's features. */
  write(view: number, values: Float32Array): Promise<void>;
  /** Releases memory and files. Safe to call twice. */
  dispose(): Promise<void>;
}
