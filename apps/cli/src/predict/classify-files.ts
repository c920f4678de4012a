import { FixresDataError, type ImageSize, imageSizeOf, type Policy } from '@fixres/data';
import { type Example, imageFiles, type ImageLoader } from '@fixres/data/node';
import type { ImageSource } from '@fixres/runner';
import type { EvaluateOptions } from '@fixres/runner/node/inference';
import { loaderSource } from '@fixres/runner/node/read';
import type { Predictions } from '@fixres/runs';

/** The result for an image file: the probability of each class, or why it cannot be read. */
export type FileResult =
  | {
      file: string;
      probabilities: Float32Array;
      /** Width of the input that the decision is from. */
      size: ImageSize;
    }
  | { file: string; error: string };

/** Classifies the images of a source. */
export type Classify = (source: ImageSource, options: EvaluateOptions) => Promise<Predictions>;

export interface ClassifyOptions {
  /** May still be loading: images are read meanwhile. */
  classifier: Promise<Classify>;
  loader: ImageLoader;
  policy: Policy;
  /** Decides about images with a highest probability of at most `threshold`. */
  unsure?: { policy: Policy; threshold: number } | undefined;
  batchSize: number;
  signal: AbortSignal;
}

/**
 * Classifies image files in batches, in order. An unreadable file is reported and does not stop the
 * others.
 */
export async function* classifyFiles(
  files: readonly string[],
  options: ClassifyOptions,
): AsyncGenerator<FileResult> {
  for (let from = 0; from < files.length; from += options.batchSize) {
    options.signal.throwIfAborted();
    const results = await classifyBatch(files.slice(from, from + options.batchSize), options);
    yield* options.unsure ? await decideUnsure(results, options, options.unsure) : results;
  }
}

/** Classifies the images again of which the first size is unsure. */
async function decideUnsure(
  results: readonly FileResult[],
  options: ClassifyOptions,
  { policy, threshold }: NonNullable<ClassifyOptions['unsure']>,
): Promise<FileResult[]> {
  const isUnsure = (result: FileResult): boolean =>
    'probabilities' in result && Math.max(...result.probabilities) <= threshold;
  const again = results.filter(isUnsure).map(({ file }) => file);
  const decided = await classifyBatch(again, { ...options, policy });
  const byFile = new Map(decided.map((result) => [result.file, result]));
  return results.map((result) => (isUnsure(result) ? byFile.get(result.file)! : result));
}

async function classifyBatch(
  files: readonly string[],
  options: ClassifyOptions,
): Promise<FileResult[]> {
  const errors = new Map<string, string>();
  const examples: Example[] = [];
  for (const file of new Set(files)) {
    try {
      examples.push(...(await imageFiles([file])));
    } catch (error) {
      if (!(error instanceof FixresDataError)) throw error;
      errors.set(file, error.message);
    }
  }
  let readable = examples;
  let rows = await attempt(readable, options);
  if (rows === undefined) {
    // This decodes the images again, so only after an error.
    const { failures } = await options.loader.inspect(examples, { signal: options.signal });
    for (const { id, message } of failures) errors.set(id, message);
    readable = examples.filter(({ id }) => !errors.has(id));
    rows = await classify(readable, options);
  }
  const at = new Map(readable.map(({ id }, i) => [id, i]));
  return files.map((file) => {
    const error = errors.get(file);
    return error === undefined
      ? { file, probabilities: rows[at.get(file)!]!, size: imageSizeOf(options.policy.output) }
      : { file, error };
  });
}

/** {@link classify}; undefined if an image cannot be decoded. */
async function attempt(
  images: readonly Example[],
  options: ClassifyOptions,
): Promise<Float32Array[] | undefined> {
  try {
    return await classify(images, options);
  } catch (error) {
    if (
      error instanceof FixresDataError &&
      ['corrupt-image', 'image-too-large'].includes(error.code)
    )
      return undefined;
    throw error;
  }
}

/** Probabilities for each image. */
async function classify(
  images: readonly Example[],
  { classifier, loader, policy, batchSize, signal }: ClassifyOptions,
): Promise<Float32Array[]> {
  if (images.length === 0) return [];
  const pass = { policy, batchSize, signal };
  const source = readingAhead(loaderSource(loader, images), pass);
  const classifyImages = await classifier;
  const { probabilities, classes } = await classifyImages(source, pass);
  return images.map((_, i) => probabilities.subarray(i * classes, (i + 1) * classes));
}

/** A source for one pass in order, which begins to read at once. */
function readingAhead(
  source: ImageSource,
  pass: Pick<ClassifyOptions, 'policy' | 'batchSize' | 'signal'>,
): ImageSource {
  const all = source.batches({ ...pass, seed: 0, epoch: 0, shuffle: false });
  const batches = all[Symbol.asyncIterator]();
  const first = batches.next();
  // Reports a failure when the batch is due, not as an unhandled rejection before.
  first.catch(() => undefined);
  return {
    ...source,
    batches: async function* () {
      for (let next = await first; !next.done; next = await batches.next()) yield next.value;
    },
  };
}
