import type { FixresDataErrorCode } from '../errors.ts';
import type { Policy } from '../policies/policy.ts';
import type { ByteSource } from './byte-source.ts';

/** An image to be read by a worker. */
export interface WorkItem {
  id: string;
  source: ByteSource;
  /** Address of the image's random stream within its epoch. */
  index: number;
}

export type WorkerRequest =
  | { type: 'batch'; job: number; policy: Policy; seed: number; epoch: number; items: WorkItem[] }
  | { type: 'check'; job: number; items: WorkItem[] };

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
