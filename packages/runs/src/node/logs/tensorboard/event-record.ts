import { maskedCrc32c } from '@fixres/data';
import { PbfWriter } from 'pbf';
import type { Histogram } from './histogram.ts';

/** Writes the content of a TensorBoard event (the one-of in tensorflow/core/util/event.proto). */
export type EventContent = (event: PbfWriter) => void;

/** The first event of every file. */
export const fileVersion: EventContent = (event) => {
  event.writeStringField(3, 'brain.Event:2');
};

/** TensorBoard drops its data for the event's step and later ones. */
export const restart: EventContent = (event) => {
  event.writeMessage(
    7,
    (status, log) => {
      log.writeVarintField(1, status);
    },
    1,
  );
};

/** Numbers by tag. */
export function scalarsContent(values: Readonly<Record<string, number>>): EventContent {
  return summaryContent(Object.entries(values), ([tag, number], value) => {
    value.writeBytesField(1, utf8(tag));
    value.writeFloatField(2, number);
  });
}

export function histogramContent(tag: string, histogram: Histogram): EventContent {
  return summaryContent([histogram], (_, value) => {
    value.writeBytesField(1, utf8(tag));
    value.writeMessage(5, writeHistogram, histogram);
  });
}

/** For `writeString` of pbf 5.1, which encodes some characters wrongly: findings/pbf-high-characters.sh. */
function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function summaryContent<T>(
  values: readonly T[],
  writeValue: (value: T, message: PbfWriter) => void,
): EventContent {
  const writeSummary = (_: readonly T[], summary: PbfWriter): void => {
    for (const value of values) summary.writeMessage(1, writeValue, value);
  };
  return (event) => {
    event.writeMessage(5, writeSummary, values);
  };
}

function writeHistogram(
  { min, max, count, sum, sumOfSquares, limits, counts }: Histogram,
  message: PbfWriter,
): void {
  for (const [i, value] of [min, max, count, sum, sumOfSquares].entries())
    message.writeDoubleField(i + 1, value);
  message.writePackedDouble(6, limits);
  message.writePackedDouble(7, counts);
}

/** An event as a record of an event file: length, its checksum, the event, its checksum. `time` in seconds since 1970. */
export function eventRecord(time: number, step: number, content: EventContent): Uint8Array {
  const writer = new PbfWriter();
  writer.writeDoubleField(1, time);
  // Fields that are 0 are left out in protocol buffers.
  if (step !== 0) writer.writeVarintField(2, step);
  content(writer);
  const event = writer.finish();
  const record = Buffer.alloc(16 + event.length);
  record.writeBigUInt64LE(BigInt(event.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(event, 12);
  record.writeUInt32LE(maskedCrc32c(event), 12 + event.length);
  return record;
}
