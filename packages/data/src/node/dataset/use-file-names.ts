import type { Example } from './dataset.ts';

/**
 * Replaces the ids by those that the images have as files, `<class>/<file name>`, so that a split by
 * hash is equal. Does nothing if a name is missing, or two ids would be equal.
 *
 * @param fileNames in the order of the examples
 */
export function useFileNames(
  examples: Example[],
  fileNames: readonly (string | undefined)[],
  classNames: readonly string[],
): void {
  const ids = examples.map(({ label }, i) =>
    fileNames[i] ? `${classNames[label]}/${fileNames[i]}` : undefined,
  );
  if (ids.includes(undefined) || new Set(ids).size < ids.length) return;
  for (const [i, example] of examples.entries()) example.id = ids[i]!;
}
