import type { PreprocessingContract } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import type { PreparationListeners } from '@fixres/runner/node';
import type { Predictions } from '@fixres/runs';
import type { ExportedInterface, OpenExport } from '../export-format.ts';
import type { NotVerified, Verification } from './certificate.ts';
import { comparePredictions } from './compare-predictions.ts';
import { predictExported } from './predict-exported.ts';

/** Inputs that fixres prepares, to the same levels. */
const unchangedInputs: ReadonlySet<ExportedInterface['input']> = new Set(['resized', 'prepared']);

export interface RunExportedOptions {
  exported: ExportedInterface;
  open: OpenExport;
  examples: readonly Example[];
  /** The model's own predictions for these images. */
  reference: Predictions;
  contract: PreprocessingContract;
  loader: ImageLoader;
  batchSize: number;
  on: PreparationListeners;
  signal: AbortSignal;
}

/** Runs an exported file in the program that it was exported for, and compares the predictions. */
export async function runExported(
  file: string,
  {
    exported,
    open,
    examples,
    reference,
    contract,
    loader,
    batchSize,
    on,
    signal,
  }: RunExportedOptions,
): Promise<Verification | NotVerified> {
  const opened = await open(file, exported);
  if (typeof opened === 'string') return { verdict: 'not verified', reason: opened };
  try {
    const predictions = await predictExported(opened, exported, {
      examples,
      reference,
      contract,
      loader,
      batchSize,
      signal,
      onProgress: (images) =>
        on.progress?.(`Running ${opened.runtime.name}: ${images} of ${examples.length} images`),
    });
    const exact = exported.precision === 'float32' && unchangedInputs.has(exported.input);
    return {
      runtime: opened.runtime,
      ...comparePredictions(reference, predictions, {
        exact,
        thresholds: contract.head?.thresholds,
      }),
    };
  } finally {
    await opened.close();
  }
}
