import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import type { FixresDataErrorCode } from '../../errors.ts';
import type { Policy } from '../../policies/policy.ts';
import type { DiskCacheSetup } from '../cache/disk-cache.ts';
import type { SharedImages } from '../cache/image-cache.ts';
import type { ImageLimits } from '../decode/image-limits.ts';
import type { SharedExamples } from './example-table.ts';

/** What a worker is started with. The shared memory is the same for all workers of a loader. */
export interface WorkerSetup {
  limits: ImageLimits;
  decode: JpegDecoding;
  /** Where decoded images are kept, if they are. */
  images: SharedImages | undefined;
  diskCache: DiskCacheSetup | undefined;
  /** Counters of what is under way. */
  pixelsInFlight: SharedArrayBuffer;
  bytesInFlight: SharedArrayBuffer;
}

export type WorkerRequest =
  | {
      type: 'batch';
      job: number;
      policy: Policy;
      seed: number;
      epoch: number;
      examples: SharedExamples;
      /** Of the examples to draw; also the addresses of their random streams within the epoch. */
      indices: Uint32Array;
      /** Which of the example's copies of this epoch each is; 0 unless augmentation is repeated. */
      copies: Uint8Array;
      /** Memory to draw into, of the batch's size; moved, not copied. By default it is new. */
      into: ArrayBuffer | undefined;
    }
  /** Decodes the examples from `from` up to, without, `to`. */
  | { type: 'check'; job: number; examples: SharedExamples; from: number; to: number };

/** Why one image could not be read. */
export interface ImageFailure {
  id: string;
  code: FixresDataErrorCode;
  message: string;
}

export type WorkerReply =
  | { type: 'batch'; job: number; pixels: Uint8Array<ArrayBuffer> }
  | { type: 'check'; job: number; failures: ImageFailure[]; digests: (string | undefined)[] }
  | { type: 'error'; job: number; code: FixresDataErrorCode | undefined; message: string };
