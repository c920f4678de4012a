import { readClassNames } from '@fixres/data/node';
import { usage } from './usage.ts';

/** What `--classes` and `--class-names` state. */
export interface AskedClasses {
  classNames: readonly string[] | undefined;
  /** Number of classes; undefined if neither option is given. */
  asked: number | undefined;
}

/** Reads the names and checks that both options agree. */
export async function askedClasses(options: {
  classes?: number;
  classNames?: string;
}): Promise<AskedClasses> {
  const classNames =
    options.classNames === undefined ? undefined : await readClassNames(options.classNames);
  const asked = options.classes ?? classNames?.length;
  if (classNames && classNames.length !== asked)
    throw usage(
      `There are ${classNames.length} names in ${options.classNames!}, but --classes is ${asked!}.`,
    );
  return { classNames, asked };
}
