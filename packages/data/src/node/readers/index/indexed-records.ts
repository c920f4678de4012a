import { isUtf8 } from 'node:buffer';
import { FixresDataError } from '../../../errors.ts';
import { type Place, placeName } from '../../files/byte-source.ts';
import { parseTfExample, type TfFeature } from '../tfrecord/tf-example.ts';
import { tfRecords } from '../tfrecord/tf-records.ts';
import { isPart } from './indexed-tar.ts';
import { indexedRows, type IndexOptions, type RowKind } from './stored-index.ts';

/** Bytes of a feature that can be a name or a label; longer ones are images. */
const MAX_TEXT_BYTES = 4096;

/** A feature, with its text if it is short. */
export type IndexedFeature = TfFeature & { text?: string };

/** Where the features of a record are. */
export interface IndexedRecord {
  /** Position of the record's data in its file; those of features count from here. */
  start: number;
  features: ReadonlyMap<string, IndexedFeature>;
}

/**
 * The features of all records of a TFRecord file, from its index if there is one. Without it, the checksum
 * of every record is verified.
 *
 * @throws FixresDataError those of `tfRecords` and `indexedRows`, `damaged-archive` for a record that is no
 * `tf.train.Example`; what `onRecords` throws
 */
export async function indexedRecords(
  place: Place,
  { onRecords, ...options }: IndexOptions & { onRecords: (records: number) => void },
): Promise<IndexedRecord[]> {
  const records = await indexedRows(place, recordRows(place, onRecords, options.signal), options);
  onRecords(records.length);
  return records;
}

/** A row is `[start, {name: [type, count, value]}]`; of bytes, the value is position and length, and short text. */
function recordRows(
  place: Place,
  onRecords: (records: number) => void,
  signal?: AbortSignal,
): RowKind<IndexedRecord> {
  return {
    scan: async () => {
      const rows: IndexedRecord[] = [];
      for await (const { start, data } of tfRecords(place, signal)) {
        rows.push({ start, features: featuresOf(data, rows.length, place) });
        onRecords(rows.length);
      }
      return rows;
    },
    toJson: ({ start, features }) => [
      start,
      Object.fromEntries([...features].map(([name, feature]) => [name, featureJson(feature)])),
    ],
    fromJson: (json) => {
      if (!Array.isArray(json)) return undefined;
      const [start, features] = json as unknown[];
      if (!Number.isSafeInteger(start) || typeof features !== 'object' || features === null)
        return undefined;
      const parsed = new Map<string, IndexedFeature>();
      for (const [name, value] of Object.entries(features)) {
        const feature = parseFeature(value, start as number, place);
        if (feature === undefined) return undefined;
        parsed.set(name, feature);
      }
      return { start: start as number, features: parsed };
    },
  };
}

function featuresOf(data: Buffer, record: number, place: Place): Map<string, IndexedFeature> {
  let features: Map<string, TfFeature>;
  try {
    features = parseTfExample(data);
  } catch (cause) {
    throw new FixresDataError(
      'damaged-archive',
      `Record ${record} of ${placeName(place)} is not a tf.train.Example: ${(cause as Error).message}.`,
      { cause },
    );
  }
  return new Map(
    [...features].map(([name, feature]) => {
      if (feature.type !== 'bytes' || feature.length > MAX_TEXT_BYTES) return [name, feature];
      const bytes = data.subarray(feature.start, feature.start + feature.length);
      return [name, isUtf8(bytes) ? { ...feature, text: bytes.toString('utf8') } : feature];
    }),
  );
}

function featureJson(feature: IndexedFeature): unknown[] {
  if (feature.type !== 'bytes') {
    const { type, count, value } = feature;
    // JSON has neither NaN nor Infinity.
    return [type, count, Number.isFinite(value) ? value : String(value)];
  }
  const { type, count, start, length, text } = feature;
  return [type, count, start, length, ...(text === undefined ? [] : [text])];
}

function parseFeature(json: unknown, record: number, place: Place): IndexedFeature | undefined {
  if (!Array.isArray(json)) return undefined;
  const [type, count, first, length, text] = json as unknown[];
  if (!Number.isSafeInteger(count)) return undefined;
  if (type === 'int64' || type === 'float') {
    if (typeof first !== 'number' && typeof first !== 'string') return undefined;
    return { type, count: count as number, value: Number(first) };
  }
  const start = first as number;
  if (type !== 'bytes' || !Number.isSafeInteger(first) || !isPart(place, record + start, length))
    return undefined;
  const feature = { type, count: count as number, start, length: length as number } as const;
  if (text === undefined) return feature;
  return typeof text === 'string' ? { ...feature, text } : undefined;
}
