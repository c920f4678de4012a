import type { ArmSpec } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { classWeightsOf } from './class-weights.ts';
import { distilledLoss } from './distilled-loss.ts';
import { gradientLimit } from './gradient-limit.ts';
import type { ImageAccess } from '../images/image-source.ts';
import { lossOf } from './loss-of.ts';
import { multiLabelLoss, positiveWeightsOf } from './multi-label-loss.ts';
import type { TrainerOptions } from './trainer.ts';

/** What the loss depends on besides the arm. */
export interface TrainingData {
  /** Number of classes. */
  classes: number;
  /** Whether an image can have several classes. Default false. */
  multiLabel?: boolean | undefined;
  /** The labels of the training images, if the source knows them. */
  images: Pick<ImageAccess, 'labels' | 'multiHot'> | undefined;
}

/**
 * The loss, the limit of gradients and the noise of an arm. The loss of a distillation needs the logits
 * of its teacher.
 *
 * @throws FixresRunnerError `bad-option` for class weights that do not fit; FixresModelsError
 * `bad-option` for an invalid limit
 */
export function trainingRules(
  spec: ArmSpec,
  model: LayersModel,
  { classes, multiLabel = false, images }: TrainingData,
): Pick<TrainerOptions, 'loss' | 'limit' | 'noise'> {
  const own = multiLabel
    ? multiLabelLoss(
        spec,
        positiveWeightsOf(spec, classes, {
          count: images?.labels.length ?? 0,
          multiHot: images?.multiHot,
        }),
      )
    : lossOf(spec, classWeightsOf(spec, classes, images?.labels));
  return {
    loss: spec.distill === undefined ? own : distilledLoss(own, spec.distill),
    limit: gradientLimit(spec, model),
    noise: { dropPath: spec.dropPath, dropout: spec.dropout },
  };
}
