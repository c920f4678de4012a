import { FixresDataError } from '@fixres/data';
import {
  duplicateGroups,
  type Example,
  type ImageLoader,
  type Inspection,
} from '@fixres/data/node';
import { type DatasetWords, optionWords } from './dataset-words.ts';
import type { PreparationListeners } from '../session/session-listeners.ts';

export interface ReadableExamplesOptions {
  loader: ImageLoader;
  /** Skip images that cannot be decoded instead of failing. */
  skipCorrupt: boolean;
  /** Default: the words of commands with options. */
  words?: DatasetWords;
  on: PreparationListeners;
  signal: AbortSignal;
}

/** Maximum number of damaged files that an error lists. */
const NAMED = 4;

/** Images that can be decoded, and groups of them with the same pixels. */
export interface ReadableExamples {
  examples: Example[];
  duplicates: Example[][];
  /** SHA-256 of the pixels of each image, by id. */
  digests: Map<string, string | undefined>;
  /** Perceptual hashes of `examples`, in their order. */
  hashes: Inspection['hashes'];
}

/**
 * Decodes every image once before training starts, so that a damaged file is found in seconds and not after hours.
 *
 * @throws FixresDataError `corrupt-image`
 */
export async function readableExamples(
  examples: readonly Example[],
  options: ReadableExamplesOptions,
): Promise<ReadableExamples> {
  const { loader, skipCorrupt, words = optionWords, on, signal } = options;
  const onProgress = (checked: number): void =>
    on.progress?.(`Checking images: ${checked} of ${examples.length}`);
  const { failures, digests, hashes } = await loader.inspect(examples, { onProgress, signal });
  if (failures.length > 0 && !skipCorrupt) {
    const others = failures.slice(1, NAMED).map(({ id }) => id);
    const rest = failures.length > NAMED ? `, and ${failures.length - NAMED} more` : '';
    const also = others.length > 0 ? ` Nor can ${others.join(', ')}${rest}.` : '';
    // The decoder's message may end with a full stop.
    const message = `${failures[0]!.message.replace(/\.$/, '')}.${also} ${words.damagedFiles}`;
    throw new FixresDataError('corrupt-image', message);
  }
  const unreadable = new Set(failures.map(({ id }) => id));
  return {
    examples: examples.filter(({ id }) => !unreadable.has(id)),
    duplicates: duplicateGroups(examples, digests),
    hashes: hashes.filter((_, i) => !unreadable.has(examples[i]!.id)),
    digests: new Map(examples.map(({ id }, i) => [id, digests[i]])),
  };
}
