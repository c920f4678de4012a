import type { JpegDecoding } from '../../contract/jpeg-decoding.ts';
import type { FixresDataErrorCode } from '../../errors.ts';
import type { Policy } from '../../policies/policy.ts';
import type { DiskCacheSetup } from '../cache/disk-cache.ts';
import type { SharedImages } from '../cache/image-cache.ts';
import type { ImageLimits } from '../decode/image-limits.ts';
import type { PerceptualHash } from '../split/perceptual-hash.ts';
import type { SharedExamples } from './example-table.ts';

/** What a thread needs to work for a loader. The shared memory is the same for all threads of a loader. */
export interface WorkerSetup {
  limits: ImageLimits;
  decode: JpegDecoding;
  /** The cache of decoded images, if there is one. */
  images: SharedImages | undefined;
  diskCache: DiskCacheSetup | undefined;
  /** Counters of pixels and bytes that are being decoded. */
  pixelsInFlight: SharedArrayBuffer;
  bytesInFlight: SharedArrayBuffer;
}

/** Work for a worker, which answers it with a {@link JobReply}. */
export type WorkerJob =
  | {
      type: 'batch';
      job: number;
      policy: Policy;
      seed: number;
      epoch: number;
      examples: SharedExamples;
      /**
       * Indices of the examples to draw; also the addresses of their random streams within the
       * epoch.
       */
      indices: Uint32Array;
      /** Number of each example's copy within this epoch; 0 unless augmentation is repeated. */
      copies: Uint8Array;
      /**
       * Memory to draw into, of the batch's size; transferred, not copied. By default new memory is
       * allocated.
       */
      into: ArrayBuffer | undefined;
    }
  /** Decodes the examples from `from` (inclusive) to `to` (exclusive). */
  | { type: 'check'; job: number; examples: SharedExamples; from: number; to: number };

export type WorkerRequest =
  | WorkerJob
  /** Comes before the jobs of a loader. */
  | { type: 'open'; setup: WorkerSetup }
  /** The loader has no more jobs. */
  | { type: 'close' }
  /** The answer to `load-sharp`. */
  | { type: 'sharp-loaded' };

/** Why one image could not be read. */
export interface ImageFailure {
  id: string;
  code: FixresDataErrorCode;
  message: string;
}

/** What tells whether two images are, or look, the same. */
export interface ImageLook {
  /** SHA-256 of the pixels. */
  digest: string;
  /** Undefined for an image without contrast. */
  hash: PerceptualHash | undefined;
}

export type JobReply =
  | { type: 'batch'; job: number; pixels: Uint8Array<ArrayBuffer> }
  | { type: 'check'; job: number; failures: ImageFailure[]; looks: (ImageLook | undefined)[] }
  | { type: 'error'; job: number; code: FixresDataErrorCode | undefined; message: string };

export type WorkerReply =
  | JobReply
  /**
   * Asks the main thread to load sharp. It must do so before any worker, so that the libraries of sharp
   * outlive the workers.
   */
  | { type: 'load-sharp' };
