import { FixresDataError } from '../errors.ts';
import { requireTwoClasses } from './dataset.ts';

export interface ClassIndex {
  classNames: string[];
  /** @throws FixresDataError `bad-layout` for a label without a class; `id` names its image. */
  labelOf: (label: string | number, id: string) => number;
}

/**
 * Gives the labels found in a data set their class names and indices.
 *
 * With `names`, a text label is one of them and a number is an index into them. Without, the classes are the labels themselves: in
 * numeric order when all are whole numbers (0 is class 0 as long as none is missing), otherwise in alphabetical order.
 *
 * @throws FixresDataError `one-class`
 */
export function classIndex(labels: Iterable<string | number>, names: readonly string[] | undefined, origin: string): ClassIndex {
  const classNames = names ? [...names] : inOrder([...new Set([...labels].map(String))]);
  requireTwoClasses(classNames, origin);
  const indices = new Map(classNames.map((name, index) => [name, index]));
  const labelOf = (label: string | number, id: string): number => {
    const isPlace = names && typeof label === 'number' && Number.isInteger(label) && label >= 0 && label < names.length;
    const index = isPlace ? label : indices.get(String(label));
    if (index !== undefined) return index;
    const allowed = `${classNames.slice(0, 10).join(', ')}${classNames.length > 10 ? ', ...' : ''} or 0 to ${classNames.length - 1}`;
    throw new FixresDataError('bad-layout', `Image ${id} of ${origin} has the label ${JSON.stringify(label)}; allowed are ${allowed}.`);
  };
  return { classNames, labelOf };
}

function inOrder(names: string[]): string[] {
  const areNumbers = names.every((name) => /^(0|[1-9]\d{0,14})$/.test(name));
  return areNumbers ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}
