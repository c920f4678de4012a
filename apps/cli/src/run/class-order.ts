import type { ImageDataset } from '@fixres/data/node';
import type { Terminal } from '../terminal.ts';

/**
 * A data set with its classes in the order in which a model or a run has them, which another sorting, or another kind of data set, may have
 * changed. Undefined where the classes themselves differ.
 */
export function inClassOrder(dataset: ImageDataset, order: readonly string[]): ImageDataset | undefined {
  const { classNames, examples } = dataset;
  if (order.length !== classNames.length || !classNames.every((name) => order.includes(name))) return undefined;
  if (order.every((name, i) => name === classNames[i])) return dataset;
  const labels = classNames.map((name) => order.indexOf(name));
  // What has no class keeps the mark for it.
  return { ...dataset, classNames: [...order], examples: examples.map((example) => ({ ...example, label: labels[example.label] ?? example.label })) };
}

/** {@link inClassOrder}, said to people; the data set as it is where its classes are others, or the order is not known. */
export function inKnownOrder(dataset: ImageDataset, order: readonly string[] | undefined, terminal: Terminal): ImageDataset {
  const ordered = order && inClassOrder(dataset, order);
  if (ordered === undefined || ordered === dataset) return dataset;
  terminal.line(`The classes keep the order that they had in training: ${ordered.classNames.join(', ')}.`);
  return ordered;
}
