import { classNameOf } from '@fixres/data/node';
import { atInputSize } from '@fixres/finetune';
import type { Distillation } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../../errors.ts';
import { openUnchanged, takingLevels } from './open-stored-model.ts';

/**
 * Opens the teacher of a distillation: takes levels 0..255 of images of any size, scaled as its
 * contract states, and returns probabilities or logits of the data set's classes. The caller
 * disposes it.
 *
 * @param classNames of the data set, in order
 * @throws FixresRunnerError `bad-model` for other classes, or a contract that is not supported in
 * training; FixresFinetuneError `fixed-size` if its weights fit only one image size; FixresRunsError
 * `bad-run` if the folder changed
 */
export async function openTeacher(
  { teacher: folder, digest }: Distillation,
  classNames: readonly string[],
): Promise<LayersModel> {
  const { model: loaded, card, contract } = await openUnchanged({ folder, digest });
  const sized = await atInputSize(loaded, null);
  if (sized !== loaded) loaded.dispose();
  const model = await takingLevels(sized, contract, folder);
  const outputs = model.outputs[0]?.shape.at(-1);
  const known = card.classNames?.map((name) => classNameOf(name));
  const other = known?.findIndex((name, i) => name !== classNames[i]);
  if (outputs === classNames.length && (other === undefined || other === -1)) return model;
  model.dispose();
  const problem =
    outputs === classNames.length
      ? `calls class ${other! + 1} "${known![other!]}", which is "${classNames[other!]}" in the data set`
      : `knows ${outputs ?? 'no'} classes; the data set has ${classNames.length}`;
  throw new FixresRunnerError(
    'bad-model',
    `The teacher in "${folder}" ${problem}; a teacher must have the same classes in the same order.`,
  );
}
