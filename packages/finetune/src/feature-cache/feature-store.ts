/** Store for the features of views. Views are numbered from 0. */
export interface FeatureStore {
  /** Whether a view was written. Reading can still find its record damaged. */
  has(view: number): boolean;
  /**
   * Copies a view's features into `into`.
   *
   * @returns false if there is no intact record; `has` then also returns false
   */
  read(view: number, into: Float32Array): Promise<boolean>;
  /** Stores a copy of a view's features. */
  write(view: number, values: Float32Array): Promise<void>;
  /** Releases memory and files. Safe to call twice. */
  dispose(): Promise<void>;
}
