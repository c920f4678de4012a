import { isUtf8 } from 'node:buffer';
import { FixresDataError } from '../../../errors.ts';
import { type Place, placeName } from '../../files/byte-source.ts';
import { parseTfExample, type TfFeature } from '../tfrecord/tf-example.ts';
import { tfRecords } from '../tfrecord/tf-records.ts';
import { type Columns, isText } from './columns.ts';
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

/** The types of features, by number. */
const TYPES = ['bytes', 'int64', 'float'] as const;
/** The length of a number. */
const NUMBER = -1;

/**
 * The columns are `start` and `features` (how many) of each record; of each feature `name` (a place in `names`),
 * `type`, `count`, `value` (of bytes, their position), `length`, and `text` if it is short.
 */
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
    toColumns: (records) => {
      const features = records.flatMap((record) => [...record.features]);
      const names = [...new Set(features.map(([name]) => name))];
      const places = new Map(names.map((name, i) => [name, i]));
      return {
        names,
        start: Float64Array.from(records, ({ start }) => start),
        features: Uint32Array.from(records, (record) => record.features.size),
        name: Uint32Array.from(features, ([name]) => places.get(name)!),
        type: Uint32Array.from(features, ([, { type }]) => TYPES.indexOf(type)),
        count: Float64Array.from(features, ([, { count }]) => count),
        value: Float64Array.from(features, ([, feature]) =>
          feature.type === 'bytes' ? feature.start : feature.value,
        ),
        length: Float64Array.from(features, ([, feature]) =>
          feature.type === 'bytes' ? feature.length : NUMBER,
        ),
        text: features.map(([, { text }]) => text),
      };
    },
    fromColumns: (columns) => {
      const { names, start: starts, features: counts, name: nameOf } = columns;
      if (!isText(names) || !(starts instanceof Float64Array) || !(counts instanceof Uint32Array))
        return undefined;
      if (starts.length !== counts.length) return undefined;
      const records: IndexedRecord[] = [];
      let next = 0;
      for (const [record, start] of starts.entries()) {
        if (!Number.isSafeInteger(start)) return undefined;
        const features = new Map<string, IndexedFeature>();
        const end = next + counts[record]!;
        for (; next < end; next++) {
          const feature = parseFeature(columns, next, start, place);
          const name = names[nameOf?.[next] as number];
          if (feature === undefined || name === undefined) return undefined;
          features.set(name, feature);
        }
        records.push({ start, features });
      }
      return records;
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

/** Undefined beyond the last feature, and for values that no feature has. */
function parseFeature(
  columns: Columns,
  row: number,
  record: number,
  place: Place,
): IndexedFeature | undefined {
  const { type: types, count: counts, value: values, length: lengths, text: texts } = columns;
  const [count, value, length, text] = [counts, values, lengths, texts].map((each) => each?.[row]);
  const kind = TYPES[types?.[row] as number];
  if (kind === undefined || !Number.isSafeInteger(count) || typeof value !== 'number')
    return undefined;
  if (kind !== 'bytes') return { type: kind, count: count as number, value };
  if (!Number.isSafeInteger(value) || !isPart(place, record + value, length)) return undefined;
  const feature = {
    type: kind,
    count: count as number,
    start: value,
    length: length as number,
  } as const;
  return typeof text === 'string' ? { ...feature, text } : feature;
}
