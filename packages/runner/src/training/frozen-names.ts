import type { FreezeHandle } from '@fixres/finetune';
import { weightsOf } from './model-weights.ts';

/** The names of frozen weights, as the state of a training has them. */
export function frozenNames({
  model,
  frozen,
}: Pick<FreezeHandle, 'model' | 'frozen'>): ReadonlySet<string> {
  const variables = new Set(frozen.map(({ name }) => name));
  return new Set(
    weightsOf(model)
      .filter(({ val }) => variables.has(val.name))
      .map(({ name }) => name),
  );
}
