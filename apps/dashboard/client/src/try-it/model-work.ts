import { type ImageSize, sidesOf } from '@fixres/data/names';
import { describe } from '@fixres/models';
import type { RunModel } from './run-model.ts';

/** Multiply-adds of a model for one image of a size; NaN for an unsupported size. */
export function multiplyAdds({ model }: RunModel, size: ImageSize): number {
  const { height, width } = sidesOf(size);
  try {
    return describe(model, [height, width]).multiplyAdds;
  } catch {
    return Number.NaN;
  }
}
