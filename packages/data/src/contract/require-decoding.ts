import { badValue } from '../json-shape.ts';
import { type JpegDecoding, jpegDecodings } from './jpeg-decoding.ts';

/** Checks a setting of a program that is not type-checked. @throws FixresDataError `bad-option` */
export function requireDecoding(decode: JpegDecoding): void {
  if (!jpegDecodings.includes(decode))
    throw badValue('Option "decode"', decode, jpegDecodings.join(' or '));
}
