import type { HeadKind } from '@fixres/models';
import { usage } from './usage.ts';

/**
 * The number of classes, which the classifier of the file or an option states.
 *
 * @param found undefined if the classifier is left out
 */
export function checkClasses(
  found: number | undefined,
  head: HeadKind | undefined,
  asked: number | undefined,
): number {
  const classes = found ?? asked;
  if (classes === undefined)
    throw usage('The number of classes is missing; give --classes or --class-names.');
  if (asked === undefined || asked === classes) return classes;
  const why =
    head === 'sigmoid'
      ? 'has one sigmoid output, which tells two classes apart'
      : `has ${classes} classes`;
  throw usage(
    `The classifier of the file ${why}; ${asked} were given by --classes or --class-names. --new-classifier leaves it out.`,
  );
}
