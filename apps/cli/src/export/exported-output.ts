import type { PreprocessingContract } from '@fixres/data';
import { outputActivation } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ExportedInterface } from './export-format.ts';

/** What a model itself returns. */
export function ownOutput(model: LayersModel): ExportedInterface['output'] {
  return outputActivation(model) === 'linear' ? 'logits' : 'probabilities';
}

/** What a model returns after its export: with a contract, logits become probabilities. */
export function exportedOutput(
  model: LayersModel,
  contract: PreprocessingContract | undefined,
): ExportedInterface['output'] {
  const ends = outputActivation(model);
  return ends === 'softmax' || ends === 'sigmoid' || (contract && ends === 'linear')
    ? 'probabilities'
    : 'logits';
}
