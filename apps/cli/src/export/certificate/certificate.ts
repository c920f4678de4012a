import type { DatasetReading, PooledAccuracy } from '@fixres/runs';
import type { ExportedInterface } from '../export-format.ts';

/** `export.json`: what was exported, and how it compares with the model it was made from. */
export interface ExportCertificate {
  version: 1;
  /** The name of the format. */
  format: string;
  exported: ExportedInterface & {
    /** Of all files. */
    bytes: number;
    /** SHA-256 of all files one after the other, hexadecimal. */
    sha256: string;
  };
  /** The model it was made from; its path, like that of the images, is relative to the export. */
  model: { path: string; arm: string | null; seed: number | null };
  /** The images of the comparison, in the order of `reference.json`; null if there are none. */
  images: { source: string; reading: DatasetReading; name: string; count: number } | null;
  verification: Verification | NotVerified;
}

export interface NotVerified {
  verdict: 'not verified';
  reason: string;
}

/** The difference of two accuracies on the same images. */
export interface AccuracyComparison {
  /** -1..1 */
  difference: number;
  /** 95 % interval of the difference by Tango's score test, which few images make wide. */
  ci95: [number, number];
  /** Two-sided p-value. */
  p: number;
  test: 'mcnemar-exact';
}

/** The comparison on the same images. */
export interface Verification {
  /**
   * `different`: the paired test finds a difference in accuracy at 5 %, a probability is not a finite
   * number, or, with an unchanged precision and input, a probability differs by more than 1e-3.
   * Otherwise `equal` with an unchanged precision and input, and else `no difference found`:
   * `comparison.ci95` states which difference in accuracy these images do not rule out.
   */
  verdict: 'equal' | 'no difference found' | 'different';
  /** The program that ran the exported model. */
  runtime: { name: string; version: string };
  /**
   * Largest difference between two probabilities of the same image and class; null if one of them
   * is not a finite number, and the verdict is then `different`.
   */
  largestDifference: number | null;
  /** Number of images with a probability that is not a finite number. */
  notANumber: number;
  /** Number of images whose most probable class changed; absent for multi-label models. */
  changedTop1?: number;
  /** Number of images whose classes at the thresholds changed; only for multi-label models. */
  changedLabelSets?: number;
  /** Accuracy of the model in fixres, and of the exported model: top-1, or subset accuracy for multi-label models. */
  accuracy: { model: PooledAccuracy; exported: PooledAccuracy };
  /** The exported model minus the model. */
  comparison: AccuracyComparison;
}
