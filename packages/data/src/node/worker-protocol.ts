import type { FixresDataErrorCode } from '../errors.ts';
import type { Policy } from '../policies/policy.ts';
import type { ByteSource } from './byte-source.ts';
import type { SharedImages } from './image-cache.ts';
import type { ImageLimits } from './image-limits.ts';

/** What a worker is started with. */
export interface WorkerSetup {
  /** Where decoded images are kept, if they are. */
  images: SharedImages | undefined;
  limits: ImageLimits;
}

/** An image to be read by a worker. */
export interface CheckItem {
  id: string;
  source: ByteSource;
  /** Its place among the decoded images that are kept. */
  slot: number | undefined;
}

/** An image to be drawn by a worker. */
export interface WorkItem extends CheckItem {
  /** Address of the image's random stream within its epoch. */
  index: number;
  /** Which of the example's copies of this epoch it is; 0 unless augmentation is repeated. */
  copy: number;
}

export type WorkerRequest =
  | {
      type: 'batch';
      job: number;
      policy: Policy;
      seed: number;
      epoch: number;
      items: WorkItem[];
      /** Memory to draw into, of the batch's size; moved, not copied. By default it is new. */
      into: ArrayBuffer | undefined;
    }
  | { type: 'check'; job: number; items: CheckItem[] };

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
