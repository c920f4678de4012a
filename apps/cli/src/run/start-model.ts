import type { ImageDataset } from '@fixres/data/node';
import type { ModelFacts } from './model-facts.ts';

/** How the classifier of a trained model goes with the classes of a data set. */
export interface ClassifierFit {
  /** Whether the model knows these classes and keeps them. */
  keeps: boolean;
  newClassifier: 'always' | 'if-needed';
  /** What people should know about it. */
  note: string | undefined;
}

/** @param wanted whether a new classifier is asked for */
export function classifierFit({ classNames: known }: Pick<ModelFacts, 'classNames'>, { name, classNames }: ImageDataset, wanted: boolean): ClassifierFit {
  const isSame = known?.length === classNames.length && known.every((className, i) => className === classNames[i]);
  const isNew = wanted || (known !== undefined && !isSame);
  if (!isNew) return { keeps: isSame, newClassifier: 'if-needed', note: undefined };
  const classes = `${classNames.length} classes of ${name}`;
  const note =
    wanted || known === undefined
      ? `The model gets a new classifier for the ${classes}.`
      : `The model knows ${known.length} other classes (${known.slice(0, 3).join(', ')}${known.length > 3 ? ', …' : ''}); it gets a new classifier for the ${classes}.`;
  return { keeps: false, newClassifier: 'always', note };
}

/** A model goes on with the split of its run, so that no image which it was trained on is held out. */
export function withRunSplit<T extends { source: string; limit?: number | undefined; heldOut?: number | undefined }>(
  dataset: T,
  { run }: Pick<ModelFacts, 'run'>,
): T {
  if (run?.source !== dataset.source) return dataset;
  const { limit = run.limit, heldOut = run.heldOut } = dataset;
  return { ...dataset, limit, heldOut };
}
