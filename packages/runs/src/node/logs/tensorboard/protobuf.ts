/**
 * Fields of a protocol buffer message (protobuf.dev, "Encoding"), as needed for TensorBoard's
 * events.
 */

/** A whole number, at least 0. */
export function varintField(field: number, value: number): Uint8Array {
  return concat([tag(field, 0), varint(value)]);
}

export function doubleField(field: number, value: number): Uint8Array {
  return concat([tag(field, 1), doubles([value])]);
}

export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concat([tag(field, 5), bytes]);
}

/** A nested message. */
export function messageField(field: number, message: Uint8Array): Uint8Array {
  return concat([tag(field, 2), varint(message.length), message]);
}

export function textField(field: number, text: string): Uint8Array {
  return messageField(field, new TextEncoder().encode(text));
}

/** A packed list. */
export function doublesField(field: number, values: readonly number[]): Uint8Array {
  return messageField(field, doubles(values));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function doubles(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setFloat64(i * 8, value, true);
  return bytes;
}

function tag(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
