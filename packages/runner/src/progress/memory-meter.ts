/** Measures the memory of the process. */
export interface MemoryMeter {
  /** Resets the peak. */
  reset(): void;
  /** Highest resident set size since the reset, in 10^6 bytes. */
  peakMb(): number;
  /** Resident set size now, in 10^6 bytes. */
  nowMb(): number;
  /** Memory in use on the GPU, in 10^6 bytes, if known. Default: unknown. */
  deviceMb?(): number | undefined;
}
