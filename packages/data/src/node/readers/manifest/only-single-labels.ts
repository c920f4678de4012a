import { type Example, labelsOf } from '../../dataset/dataset.ts';

/** A warning about a multi-label data set in which no image has two labels: they may be separated otherwise. */
export function onlySingleLabels(examples: readonly Example[], name: string): string[] {
  return examples.some((example) => labelsOf(example).length > 1)
    ? []
    : [
        `No image of ${name} has more than one label; if they are separated otherwise, name what separates them (option "labelSeparator").`,
      ];
}
