import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The TensorBoard charts of one line: the value of each step, by tag; and the steps that have
 * histograms.
 */
export interface BoardLine {
  scalars: Map<string, Map<number, number>>;
  histograms: Map<string, number[]>;
}

interface BoardEvent {
  step: number;
  isRestart: boolean;
  values: { tag: string; scalar: number | undefined }[];
}

/**
 * Reads a folder of event files like TensorBoard: in the order of their names, with every checksum,
 * and without steps that a restart discards. Written from the format descriptions (TFRecord;
 * event.proto and summary.proto of TensorFlow), independently of our writer.
 *
 * @throws Error for a wrong checksum; a truncated last record is skipped
 */
export async function readBoardLine(folder: string): Promise<BoardLine> {
  let events: BoardEvent[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!name.includes('.tfevents.')) throw new Error(`${name} is no event file.`);
    for (const record of records(await readFile(join(folder, name)), name)) {
      const event = eventOf(record);
      if (event.isRestart) events = events.filter(({ step }) => step < event.step);
      events.push(event);
    }
  }
  const line: BoardLine = { scalars: new Map(), histograms: new Map() };
  for (const { step, values } of events) {
    for (const { tag, scalar } of values) {
      if (scalar === undefined) {
        line.histograms.set(tag, [...(line.histograms.get(tag) ?? []), step]);
        continue;
      }
      const points = line.scalars.get(tag) ?? new Map<number, number>();
      if (points.has(step)) throw new Error(`${tag} has step ${step} twice.`);
      line.scalars.set(tag, points.set(step, scalar));
    }
  }
  return line;
}

function* records(bytes: Buffer, name: string): Generator<Buffer> {
  for (let at = 0; at + 12 <= bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    if (masked(bytes.subarray(at, at + 8)) !== bytes.readUInt32LE(at + 8))
      throw new Error(`${name}: the length at ${at} is damaged.`);
    if (at + 16 + length > bytes.length) return;
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (masked(data) !== bytes.readUInt32LE(at + 12 + length))
      throw new Error(`${name}: the record at ${at} is damaged.`);
    yield data;
    at += 16 + length;
  }
}

/** CRC-32C bit by bit, masked as in TFRecord. */
function masked(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  crc = ~crc >>> 0;
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

function eventOf(record: Buffer): BoardEvent {
  const event: BoardEvent = { step: 0, isRestart: false, values: [] };
  for (const [field, value] of fields(record)) {
    if (field === 2) event.step = Number(value);
    // SessionLog with status START.
    if (field === 7)
      event.isRestart = fields(value as Buffer).some(
        ([inner, status]) => inner === 1 && status === 1n,
      );
    if (field === 5)
      event.values.push(...fields(value as Buffer).map(([, one]) => valueOf(one as Buffer)));
  }
  return event;
}

function valueOf(message: Buffer): BoardEvent['values'][number] {
  const parts = new Map(fields(message));
  return {
    tag: (parts.get(1) as Buffer).toString(),
    scalar: (parts.get(2) as Buffer | undefined)?.readFloatLE(),
  };
}

/** Numbers and contents of a message's fields: integers or bytes. */
function fields(message: Buffer): [number, bigint | Buffer][] {
  const found: [number, bigint | Buffer][] = [];
  let at = 0;
  const whole = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = Number(whole());
    const [field, type] = [key >>> 3, key & 7];
    if (type === 0) found.push([field, whole()]);
    else {
      const length = type === 1 ? 8 : type === 5 ? 4 : Number(whole());
      found.push([field, message.subarray(at, (at += length))]);
    }
  }
  return found;
}
