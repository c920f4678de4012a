import { maskedCrc32c } from '@fixres/data';
import type { Histogram } from './histogram.ts';
import {
  concat,
  doubleField,
  doublesField,
  floatField,
  messageField,
  textField,
  varintField,
} from './protobuf.ts';

/** The content of a TensorBoard event (the one-of in tensorflow/core/util/event.proto). */
export type EventContent = Uint8Array;

/** The first event of every file. */
export const fileVersion: EventContent = textField(3, 'brain.Event:2');

/** TensorBoard drops its data for the event's step and later ones. */
export const restart: EventContent = messageField(7, varintField(1, 1));

/** Numbers by tag. */
export function scalarsContent(values: Readonly<Record<string, number>>): EventContent {
  const entries = Object.entries(values).map(([tag, value]) =>
    messageField(1, concat([textField(1, tag), floatField(2, value)])),
  );
  return messageField(5, concat(entries));
}

export function histogramContent(
  tag: string,
  { min, max, count, sum, sumOfSquares, limits, counts }: Histogram,
): EventContent {
  const numbers = [min, max, count, sum, sumOfSquares].map((value, i) => doubleField(i + 1, value));
  const histogram = concat([...numbers, doublesField(6, limits), doublesField(7, counts)]);
  return messageField(5, messageField(1, concat([textField(1, tag), messageField(5, histogram)])));
}

/** An event as a record of an event file: length, its checksum, the event, its checksum. `time` in seconds since 1970. */
export function eventRecord(time: number, step: number, content: EventContent): Uint8Array {
  // Fields that are 0 are left out in protocol buffers.
  const event = concat([
    doubleField(1, time),
    ...(step === 0 ? [] : [varintField(2, step)]),
    content,
  ]);
  const record = Buffer.alloc(16 + event.length);
  record.writeBigUInt64LE(BigInt(event.length), 0);
  record.writeUInt32LE(maskedCrc32c(record.subarray(0, 8)), 8);
  record.set(event, 12);
  record.writeUInt32LE(maskedCrc32c(event), 12 + event.length);
  return record;
}
