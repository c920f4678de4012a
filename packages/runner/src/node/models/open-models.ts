import type { StartModelOptions } from '../../arms/start-model.ts';
import { openStoredModel } from './open-stored-model.ts';
import { openTeacher } from './open-teacher.ts';

/**
 * How a run opens the models of its experiment.
 *
 * @param classNames of the data set, in order
 * @param multiLabel whether its images can have several classes
 */
export function openModels(
  classNames: readonly string[],
  multiLabel = false,
): {
  multiLabel: boolean;
  openModel: NonNullable<StartModelOptions['openModel']>;
  openTeacher: NonNullable<StartModelOptions['openTeacher']>;
} {
  return {
    multiLabel,
    openModel: (stored, seed) =>
      openStoredModel(stored, { classes: classNames.length, multiLabel, seed }),
    openTeacher: (teacher) => openTeacher(teacher, classNames),
  };
}
