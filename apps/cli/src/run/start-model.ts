import { classNameOf, type Example, type ImageDataset } from '@fixres/data/node';
import { counted } from '../format.ts';
import { runSplit, trainedOn } from '../run-split.ts';
import { readAsIn } from './dataset-reading.ts';
import type { ModelFacts } from './model-facts.ts';
import type { DatasetChoice } from './run-plan.ts';

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
  const isSame = known?.length === classNames.length && known.every((className, i) => classNameOf(className) === classNames[i]);
  const isNew = wanted || (known !== undefined && !isSame);
  if (!isNew) return { keeps: isSame, newClassifier: 'if-needed', note: undefined };
  const classes = `${classNames.length} classes of ${name}`;
  const note =
    wanted || known === undefined
      ? `The model gets a new classifier for the ${classes}.`
      : `The model knows ${known.length} other classes (${known.slice(0, 3).join(', ')}${known.length > 3 ? ', …' : ''}); it gets a new classifier for the ${classes}.`;
  return { keeps: false, newClassifier: 'always', note };
}

/** A model goes on with the images of its run, read in the same way, and their split, so that no image which it was trained on is held out. */
export function withRunSplit<T extends DatasetChoice>(dataset: T, { run }: Pick<ModelFacts, 'run'>): T {
  if (run?.source !== dataset.source) return dataset;
  const { limit = run.limit, heldOut = run.heldOut } = dataset;
  return { ...readAsIn(run, dataset), limit, heldOut };
}

/** With another limit or another part held out, a run holds out images that its model was trained on: then its accuracies are too high. */
export function trainedOnWarnings({ run }: Pick<ModelFacts, 'run'>, source: string): (dataset: ImageDataset, heldOut: readonly Example[]) => string[] {
  return (dataset, heldOut) => {
    if (run?.source !== source) return [];
    const known = trainedOn(heldOut, new Set(runSplit(dataset, run).train.map(({ id }) => id)));
    if (known === 0) return [];
    return [`The model was trained on ${known} of the ${counted(heldOut.length, 'held-out image')}, so accuracies are too high; without --limit and --held-out the split of its run is kept.`];
  };
}
