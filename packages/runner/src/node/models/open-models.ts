import type { StartModelOptions } from '../../arms/start-model.ts';
import { openStoredModel } from './open-stored-model.ts';
import { openTeacher } from './open-teacher.ts';

/**
 * How a run opens the models of its experiment.
 *
 * @param classNames of the data set, in order
 */
export function openModels(classNames: readonly string[]): {
  openModel: NonNullable<StartModelOptions['openModel']>;
  openTeacher: NonNullable<StartModelOptions['openTeacher']>;
} {
  return {
    openModel: (stored, seed) => openStoredModel(stored, classNames.length, seed),
    openTeacher: (teacher) => openTeacher(teacher, classNames),
  };
}
