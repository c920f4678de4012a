import crc32c from 'crc-32/crc32c.js';

/**
 * The CRC-32C of bytes as TFRecord files store it, 0 to 2^32 - 1: rotated and shifted, because a CRC of
 * data that contains CRCs is weak (TensorFlow, crc32c.h).
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c.buf(bytes, 0);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
