import { printable } from './printable.ts';

/** Error codes for programs. */
export type FixresDataErrorCode =
  /** A file or folder does not exist. */
  | 'not-found'
  /** The format of a file is not supported. */
  | 'unsupported-format'
  /** The files of a data set do not follow a known layout, or contradict each other. */
  | 'bad-layout'
  /** A class has no images. */
  | 'empty-class'
  /** All images have the same class. */
  | 'one-class'
  /** There are not enough images for a split. */
  | 'too-few-images'
  /** An archive or a list names a path outside its folder. */
  | 'unsafe-entry'
  /** An archive or record file is damaged. */
  | 'damaged-archive'
  /** A decoder that an option asks for is not installed. */
  | 'decoder-missing'
  /** An image cannot be decoded. */
  | 'corrupt-image'
  /** An image has more pixels or bytes than allowed. */
  | 'image-too-large'
  /** A file is larger, or has more entries, than allowed. */
  | 'limit-exceeded'
  /** A file, or a part of a shard, does not have the published checksum. */
  | 'bad-checksum'
  /** A download failed, or a shard at an address cannot be read. */
  | 'download-failed'
  /** A file cannot be written, for example because the disk is full. */
  | 'write-failed'
  /** An option has a value that is not allowed. */
  | 'bad-option';

/**
 * Every expected failure of this package. The message is complete: it states what was received and
 * what is allowed. It has one line: control characters, which names in files can contain, are escaped.
 */
export class FixresDataError extends Error {
  override readonly name = 'FixresDataError';
  readonly code: FixresDataErrorCode;

  constructor(code: FixresDataErrorCode, message: string, options?: ErrorOptions) {
    super(printable(message), options);
    this.code = code;
  }
}
