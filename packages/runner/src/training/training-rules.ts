import type { ArmSpec } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classWeightsOf } from './class-weights.ts';
import { distilledLoss } from './distilled-loss.ts';
import { gradientLimit } from './gradient-limit.ts';
import { lossOf } from './loss-of.ts';
import type { TrainerOptions } from './trainer.ts';

/**
 * The loss, the limit of gradients and the noise of an arm. The loss of a distillation needs the logits
 * of its teacher.
 *
 * @param data number of classes, and the class of each training image if the source knows them
 * @throws FixresRunnerError `bad-option` for class weights that do not fit; FixresModelsError
 * `bad-option` for an invalid limit
 */
export function trainingRules(
  spec: ArmSpec,
  model: LayersModel,
  { classes, labels }: { classes: number; labels: Int32Array | undefined },
): Pick<TrainerOptions, 'loss' | 'limit' | 'noise'> {
  const own = lossOf(spec, classWeightsOf(spec, classes, labels));
  return {
    loss: spec.distill === undefined ? own : distilledLoss(own, spec.distill),
    limit: gradientLimit(spec, model),
    noise: { dropPath: spec.dropPath, dropout: spec.dropout },
  };
}
