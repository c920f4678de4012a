/** What an experiment needs of memory. Plain data; 10^6 bytes. */
export interface MemoryNeed {
  /** Highest resident set size of a process that runs it, without cached photos and features. */
  peakMb: number;
  arms: ArmNeed[];
}

/** What one arm needs. */
export interface ArmNeed {
  name: string;
  /** Highest resident set size while it trains and is evaluated. */
  peakMb: number;
  /** Bytes of the cached features of a training image and of a held-out image; 0 if none are cached. */
  featureBytes: { train: number; heldOut: number };
}
