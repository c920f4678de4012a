import type { FileEntry } from '@zip.js/zip.js';
import { isJsonObject, type JsonValue } from '../../card/json-value.ts';
import { FixresModelsError } from '../../errors.ts';

/** Configurations of the largest networks have a few megabytes. */
const MOST_CONFIG_BYTES = 256 * 2 ** 20;

/** A `.keras` archive has three entries, and a few assets. */
const MOST_ENTRIES = 10_000;

export interface KerasArchive {
  /** `model.weights.h5` */
  weights: Uint8Array<ArrayBuffer>;
  /** `config.json` */
  config: Readonly<Record<string, JsonValue>>;
}

/**
 * Extracts weights and configuration from a `.keras` archive, and verifies the checksums.
 *
 * @throws FixresModelsError `bad-weights-file`, `limit-exceeded`
 */
export async function readKerasZip(
  bytes: Uint8Array,
  where: string,
  maxBytes: number,
): Promise<KerasArchive> {
  const { configure, Uint8ArrayReader, ZipReader } = await import('@zip.js/zip.js');
  configure({ useWebWorkers: false });
  const zip = new ZipReader(new Uint8ArrayReader(bytes), { checkCrc32: true });
  try {
    const files = new Map<string, FileEntry>();
    let entries = 0;
    for await (const entry of zip.getEntriesGenerator()) {
      if (++entries > MOST_ENTRIES) throw new Error(`it has more than ${MOST_ENTRIES} entries`);
      if (entry.directory) continue;
      if (files.has(entry.filename)) throw new Error(`it has two entries ${entry.filename}`);
      files.set(entry.filename, entry);
    }
    const extract = async (name: string, limit: number): Promise<Uint8Array<ArrayBuffer>> => {
      const entry = files.get(name);
      if (!entry) throw new Error(`there is no ${name} in it`);
      return inflate(entry, limit);
    };
    const text = new TextDecoder().decode(
      await extract('config.json', Math.min(MOST_CONFIG_BYTES, maxBytes)),
    );
    const config: unknown = JSON.parse(text);
    if (!isJsonObject(config)) throw new Error('its config.json is not an object');
    return { config, weights: await extract('model.weights.h5', maxBytes) };
  } catch (cause) {
    if (cause instanceof FixresModelsError) throw cause;
    throw new FixresModelsError(
      'bad-weights-file',
      `${where} is a damaged Keras archive: ${(cause as Error).message}.`,
      { cause },
    );
  } finally {
    await zip.close();
  }
}

/** Never allocates more than the entry claims, and rejects a claim above the limit. */
async function inflate(entry: FileEntry, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const claimed = entry.uncompressedSize;
  if (claimed > limit) {
    throw new FixresModelsError(
      'limit-exceeded',
      `Entry ${entry.filename} claims ${claimed} bytes; ${limit} are allowed.`,
    );
  }
  const out = new Uint8Array(claimed);
  let length = 0;
  const sink = new WritableStream<Uint8Array>({
    write(chunk) {
      if (length + chunk.length > claimed)
        throw new Error(`entry ${entry.filename} is larger than it claims`);
      out.set(chunk, length);
      length += chunk.length;
    },
  });
  await entry.getData(sink);
  if (length < claimed) throw new Error(`entry ${entry.filename} is smaller than it claims`);
  return out;
}
