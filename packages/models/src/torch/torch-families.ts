import { convNextFamily, torchvisionConvNextFamily } from './families/convnext.ts';
import { efficientNetFamily } from './families/efficientnet.ts';
import { resNetFamily } from './families/resnet.ts';
import type { TorchFamily } from './torch-family.ts';

/** Every family of PyTorch networks that can be created, one per line. */
export const torchFamilies: readonly TorchFamily[] = [
  resNetFamily,
  convNextFamily,
  torchvisionConvNextFamily,
  efficientNetFamily,
];
