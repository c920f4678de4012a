import type { PbfWriter } from 'pbf';

/** Writes a message as a field of another message of a protocol buffer. */
export function nestedMessage(
  message: PbfWriter,
  field: number,
  write: (inner: PbfWriter) => void,
): void {
  message.writeMessage(field, (_: undefined, inner) => write(inner), undefined);
}
