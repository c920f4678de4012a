import type { Architecture } from './architecture.ts';
import { mobileNetV2Architecture } from './mobilenet-v2.ts';
import { resNetV2Architecture } from './resnet-v2.ts';

/**
 * Every architecture, one per line. The names of the models are in model-names.ts, which does not
 * load TensorFlow.js.
 */
export const architectures: readonly Architecture[] = [
  resNetV2Architecture,
  mobileNetV2Architecture,
];
