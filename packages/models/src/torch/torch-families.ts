import { convNextFamily, torchvisionConvNextFamily } from './families/convnext.ts';
import { efficientNetFamily } from './families/efficientnet.ts';
import { resNetV2Family } from './families/resnet-v2.ts';
import { resNetFamily } from './families/resnet.ts';
import {
  torchvisionEfficientNetFamily,
  torchvisionMobileNetV3Family,
} from './families/torchvision-mobile.ts';
import {
  torchvisionVisionTransformerFamily,
  visionTransformerFamily,
} from './families/vision-transformer.ts';
import type { TorchFamily } from './torch-family.ts';

/** Every family of PyTorch networks that can be created, one per line. */
export const torchFamilies: readonly TorchFamily[] = [
  resNetFamily,
  resNetV2Family,
  convNextFamily,
  torchvisionConvNextFamily,
  efficientNetFamily,
  torchvisionEfficientNetFamily,
  torchvisionMobileNetV3Family,
  visionTransformerFamily,
  torchvisionVisionTransformerFamily,
];
