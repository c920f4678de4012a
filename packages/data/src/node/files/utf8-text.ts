import { isUtf8 } from 'node:buffer';
import { FixresDataError } from '../../errors.ts';

/**
 * The text of a file.
 *
 * @param where names the file in the error, at the start of a sentence
 * @throws FixresDataError `bad-layout` if the bytes are not UTF-8, or contain a NUL
 */
export function utf8Text(bytes: Uint8Array, where: string): string {
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex');
  const why =
    mark === 'fffe' || mark === 'feff'
      ? 'is encoded as UTF-16, by its byte order mark'
      : bytes.includes(0)
        ? 'contains NUL bytes, so it is not text in UTF-8'
        : isUtf8(bytes)
          ? undefined
          : 'is not text in UTF-8';
  if (why === undefined)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  throw new FixresDataError('bad-layout', `${where} ${why}; save it as UTF-8.`);
}
