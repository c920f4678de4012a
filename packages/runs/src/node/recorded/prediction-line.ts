/** A line of a file of predictions. */
export interface PredictionLine {
  file: string;
  /** Of a multi-label image, the first of its labels; -1 for none. */
  label: number;
  /** Of a multi-label image. */
  labels?: readonly number[];
  /** Whether exactly the labels of a multi-label image reached their thresholds. */
  isExact?: boolean;
  probabilities: readonly number[];
}

/**
 * @param places of the classes, by name
 * @returns undefined for a damaged line, or labels that are not classes of the run
 */
export function parsePredictionLine(
  line: string,
  places: ReadonlyMap<string, number>,
): PredictionLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { file, probabilities, ...stated } = (value ?? {}) as {
    file?: unknown;
    label?: unknown;
    labels?: unknown;
    exact?: unknown;
    probabilities?: unknown;
  };
  const labels = parseLabels(stated, places);
  if (
    typeof file !== 'string' ||
    labels === undefined ||
    !Array.isArray(probabilities) ||
    probabilities.length !== places.size
  )
    return undefined;
  const numbers = probabilities as unknown[];
  return numbers.every((p): p is number => typeof p === 'number')
    ? { file, ...labels, probabilities: numbers }
    : undefined;
}

function parseLabels(
  { label, labels, exact }: { label?: unknown; labels?: unknown; exact?: unknown },
  places: ReadonlyMap<string, number>,
): Pick<PredictionLine, 'label' | 'labels' | 'isExact'> | undefined {
  if (!Array.isArray(labels)) {
    const place = places.get(label as string);
    return place === undefined ? undefined : { label: place };
  }
  const indices = labels.map((name) => places.get(name as string));
  return indices.every((index) => index !== undefined) && typeof exact === 'boolean'
    ? { label: indices[0] ?? -1, labels: indices, isExact: exact }
    : undefined;
}
