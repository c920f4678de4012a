export { applyLogits, type LogitsModel } from './apply-logits.ts';
export { createModel, isModelName, modelFactories, type ModelName } from './create-model.ts';
export { FixresModelsError, type FixresModelsErrorCode } from './errors.ts';
export { batchNormTraining, type OnMoments } from './kernels/batch-norm-training.ts';
export { registerReluGrad, reluGrad } from './kernels/relu-grad.ts';
export { softmaxCrossEntropy } from './kernels/softmax-cross-entropy.ts';
export { sparseSoftmaxCrossEntropy } from './kernels/sparse-softmax-cross-entropy.ts';
export { layerGroups, type LayerGroup } from './layer-groups.ts';
export { BatchNormalization, batchNormalization, type BatchNormalizationArgs } from './layers/batch-normalization.ts';
export { Adam, type AdamOptions } from './optimizers/adam.ts';
export { isNormOrBias } from './optimizers/is-norm-or-bias.ts';
export { SGD, type SGDOptions } from './optimizers/sgd.ts';
export { type Gradients, type NamedTensor, type OptimizerOptions, SlotOptimizer } from './optimizers/slot-optimizer.ts';
export {
  resNet101V2,
  resNet14V2,
  resNet152V2,
  resNet26V2,
  resNet50V2,
  resNetV2,
  type ResNetV2Options,
  type StackDepths,
} from './resnet-v2.ts';
