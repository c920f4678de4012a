import { describe } from '@fixres/models';
import type { RunModel } from './run-model.ts';

/** Multiply-adds of a model for one image of a size; NaN for an unsupported size. */
export function multiplyAdds({ model }: RunModel, size: number): number {
  try {
    return describe(model, size).multiplyAdds;
  } catch {
    return Number.NaN;
  }
}
