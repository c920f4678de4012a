export type { ArchitectureOptions } from './architectures/architecture-options.ts';
export { applyLogits, endsInSigmoid, type LogitsModel } from './apply-logits.ts';
export { outputActivation } from './output-activation.ts';
export { isJsonObject, type JsonValue } from './card/json-value.ts';
export { type ModelCard, parseModelCard } from './card/model-card.ts';
export { requireContract, type RequireContractOptions } from './card/require-contract.ts';
export type { ModelFactory, ModelOptions } from './architectures/architecture.ts';
export { createModel, modelFactories } from './architectures/create-model.ts';
export {
  type Costs,
  describe,
  type DescribeOptions,
  type GroupDescription,
  type LayerDescription,
  type ModelDescription,
} from './describe/describe.ts';
export { FixresModelsError, type FixresModelsErrorCode } from './errors.ts';
export {
  batchNormTraining,
  type MeanOfParts,
  type OnMoments,
  withSharedMoments,
} from './kernels/batch-norm-training.ts';
export type { Rescaling } from './keras-config/arithmetic.ts';
export { describesComputation } from './keras-config/read-graph.ts';
export type { HeadKind } from './keras-config/classifier-kind.ts';
export type { ApplicationScaling } from './keras-config/application-scaling.ts';
export {
  createKerasModel,
  type CreateKerasModelOptions,
  type KerasModel,
} from './keras-config/create-keras-model.ts';
export {
  type RecognisedModel,
  recogniseModel,
  type RecogniseOptions,
} from './keras-config/recognise-model.ts';
export type { KerasPreparation, KerasResizing } from './keras-archive/keras-model-config.ts';
export { writeKerasArchive } from './keras-archive/write-keras-archive.ts';
export { twoClassHead } from './keras-config/two-class-head.ts';
export { registerReluGrad, reluGrad } from './kernels/relu-grad.ts';
export { relu6Grad } from './kernels/relu6-grad.ts';
export {
  binaryCrossEntropy,
  type BinaryCrossEntropyOptions,
} from './kernels/binary-cross-entropy.ts';
export { classTargets } from './kernels/class-targets.ts';
export { focalLoss, type FocalLossOptions } from './kernels/focal-loss.ts';
export { sigmoidFocalLoss, type SigmoidFocalLossOptions } from './kernels/sigmoid-focal-loss.ts';
export { softDistillation } from './kernels/soft-distillation.ts';
export { weightedCrossEntropy } from './kernels/weighted-cross-entropy.ts';
export { softmaxCrossEntropy } from './kernels/softmax-cross-entropy.ts';
export { sparseSoftmaxCrossEntropy } from './kernels/sparse-softmax-cross-entropy.ts';
export { type LayerBlock, layerGroups, type LayerGroup } from './layer-groups.ts';
// Registers the layers that compute as Keras does, for models that loadLayersModel creates.
// oxlint-disable-next-line fixres/only-re-exports -- There is nothing to export: an import registers them.
import './layers/keras-layers.ts';
export {
  BatchNormalization,
  batchNormalization,
  type BatchNormalizationArgs,
} from './layers/batch-normalization.ts';
export { ReLU, type ReLUArgs } from './layers/activation/relu.ts';
export {
  type ApplicationName,
  applicationNames,
  classRange,
  isApplicationName,
  isModelName,
  type ModelName,
  modelNames,
  stemWidths,
  widthRange,
} from './model-names.ts';
export { mobileNetV2, type MobileNetV2Options } from './architectures/mobilenet-v2.ts';
export { Adam, type AdamOptions } from './optimizers/adam.ts';
export {
  checkClipping,
  clipGradients,
  type GradientClipping,
} from './optimizers/clip-gradients.ts';
export { LAMB, type LAMBOptions } from './optimizers/lamb.ts';
export { RMSprop, type RMSpropOptions } from './optimizers/rmsprop.ts';
export { isNormOrBias } from './optimizers/is-norm-or-bias.ts';
export { SGD, type SGDOptions } from './optimizers/sgd.ts';
export {
  type Gradients,
  type NamedTensor,
  type OptimizerOptions,
  SlotOptimizer,
} from './optimizers/slot-optimizer.ts';
export {
  resNet101V2,
  resNet14V2,
  resNet152V2,
  resNet26V2,
  resNet50V2,
  resNetV2,
  type ResNetV2Options,
  type StackDepths,
} from './architectures/resnet-v2.ts';
export {
  createTorchModel,
  type CreateTorchModelOptions,
  type TorchModel,
} from './torch/create-torch-model.ts';
export {
  readSafetensors,
  type ReadSafetensorsOptions,
  type SavedTensor,
} from './torch/read-safetensors.ts';
export {
  applicationWeights,
  type ApplicationWeights,
  type ApplicationWeightsOptions,
} from './weights/application-weights.ts';
export type { LayerPlace } from './weights/arrays-at.ts';
export {
  type KerasWeights,
  type KerasWeightsLimits,
  type SavedArray,
  type SavedLayer,
} from './weights/keras-weights.ts';
export {
  type LoadedWeights,
  loadKerasWeights,
  type LoadKerasWeightsOptions,
} from './weights/load-keras-weights.ts';
export {
  readKerasWeights,
  type ReadKerasWeightsOptions,
} from './weights/files/read-keras-weights.ts';
export {
  type ArrayPlace,
  WeightsMismatchError,
  type WeightsMismatches,
} from './weights/weights-mismatch.ts';
export { writeKerasWeights } from './weights/files/write-keras-weights.ts';
