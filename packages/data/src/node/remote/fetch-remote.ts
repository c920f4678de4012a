import { setTimeout as delay } from 'node:timers/promises';
import { FixresDataError } from '../../errors.ts';
import { type RemoteAccess, RemoteFile } from './remote-file.ts';
import { withoutSignature } from './remote-address.ts';
import { parseS3Address, s3Url, signedHeaders } from './s3-request.ts';

/** Answers of servers that may answer otherwise soon. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);
/** The longest time to wait for a server, whatever its Retry-After states. */
const MAX_DELAY_MS = 30_000;

/** A part of a remote file. */
export interface RemoteChunk {
  /** Of its first byte in the file. */
  position: number;
  bytes: Uint8Array;
}

/** A failure that another attempt may not have. */
class PassingError extends Error {
  readonly waitMs: number;

  constructor(
    message: string,
    { waitMs = 0, ...options }: ErrorOptions & { waitMs?: number } = {},
  ) {
    super(message, options);
    this.waitMs = waitMs;
  }
}

/**
 * Finds out size and version of a file. The request is for its first byte, because some servers and signed
 * addresses refuse HEAD.
 *
 * @throws FixresDataError `not-found`, `download-failed`; the signal's reason when aborted
 */
export async function findRemoteFile(
  address: string,
  access: RemoteAccess,
  signal?: AbortSignal,
): Promise<RemoteFile> {
  return attempted(address, access, signal, async () => {
    const { response, close } = await request(address, access, 'bytes=0-0', signal);
    try {
      if (response.status === 404)
        throw new FixresDataError('not-found', `${withoutSignature(address)} does not exist.`);
      const isEmpty = response.status === 416 && totalOf(response) === 0;
      if (!isEmpty) requireContent(response, address);
      const length = response.headers.get('content-length');
      const bytes = response.status === 200 ? Number(length ?? NaN) : totalOf(response);
      if (Number.isSafeInteger(bytes))
        return new RemoteFile({ address, bytes, version: versionOf(response) }, access);
      throw failed(address, 'the server does not state its size');
    } finally {
      await close();
    }
  });
}

/**
 * A small file as a whole.
 *
 * @returns undefined if there is none: also where the server does not say whether there is one
 * @throws FixresDataError `download-failed`, `limit-exceeded`; the signal's reason when aborted
 */
export async function fetchSmall(
  address: string,
  access: RemoteAccess,
  {
    maxBytes,
    query,
    signal,
  }: {
    maxBytes: number;
    /** For `s3://`: a request about the bucket. */
    query?: Readonly<Record<string, string>> | undefined;
    signal?: AbortSignal | undefined;
  },
): Promise<Buffer | undefined> {
  return attempted(address, access, signal, async () => {
    const { response, body, close } = await request(address, access, undefined, signal, query);
    try {
      if (isMissing(response) && query === undefined) return undefined;
      requireContent(response, address);
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const bytes of body()) {
        parts.push(bytes);
        length += bytes.length;
        if (length > maxBytes)
          throw new FixresDataError(
            'limit-exceeded',
            `${withoutSignature(address)} has more than ${maxBytes} bytes, the maximum.`,
          );
      }
      const stated = response.headers.get('content-length');
      if (stated !== null && Number(stated) !== length)
        throw new PassingError(`the connection ended after ${length} of ${stated} bytes`);
      return Buffer.concat(parts);
    } finally {
      await close();
    }
  });
}

/**
 * The bytes of a file from `from` (inclusive) to `to` (exclusive), in order. If the server fails or cuts the
 * answer off, the rest is asked for again. A server that ignores ranges sends the whole file: then all of its
 * bytes are returned, so that they can be kept.
 *
 * @throws FixresDataError `download-failed`, also if the file has changed; the signal's reason when aborted
 */
export async function* fetchRange(
  file: RemoteFile,
  from: number,
  to: number,
  signal?: AbortSignal,
): AsyncGenerator<RemoteChunk, void, undefined> {
  const { address, access } = file;
  let position = from;
  let furthest = from;
  let failures = 0;
  while (position < to) {
    let at = position;
    try {
      const range = `bytes=${position}-${to - 1}`;
      const { response, body, close } = await request(address, access, range, signal);
      try {
        requireContent(response, address);
        requireSameFile(response, file);
        at = startOf(response, position, address);
        for await (const bytes of body()) {
          yield { position: at, bytes };
          at += bytes.length;
          position = Math.max(position, at);
        }
        if (position < to)
          throw new PassingError(`the connection ended at byte ${position} of ${to}`);
      } finally {
        await close();
      }
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      // Whatever arrived is kept, so a slow connection gets to the end.
      failures = position > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, position);
      // What came last does not end where the next answer would begin.
      if (at < position) position = from;
      await beforeNext(error, failures, address, access, signal);
    }
  }
}

async function attempted<T>(
  address: string,
  access: RemoteAccess,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      await beforeNext(error, failures, address, access, signal);
    }
  }
}

/** Waits. @throws FixresDataError `download-failed` after the last attempt */
async function beforeNext(
  error: PassingError,
  failures: number,
  address: string,
  { attempts, firstDelayMs }: RemoteAccess,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (failures >= attempts)
    throw failed(address, `${error.message} (tried ${attempts} times)`, error.cause);
  // Processes that failed together do not come back together.
  const growing = firstDelayMs * 2 ** (failures - 1) * (0.5 + Math.random() / 2);
  const ms = Math.min(MAX_DELAY_MS, Math.max(error.waitMs, growing));
  await delay(ms, undefined, signal && { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw cause;
  });
}

interface Answer {
  response: Response;
  /** The bytes; fails if none arrives for too long. */
  body: () => AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends the connection, unless the body was read to its end. */
  close: () => Promise<void>;
}

async function request(
  address: string,
  access: RemoteAccess,
  range: string | undefined,
  signal: AbortSignal | undefined,
  query?: Readonly<Record<string, string>>,
): Promise<Answer> {
  signal?.throwIfAborted();
  // Compressed on the way, a file would have another size.
  const plain = { 'accept-encoding': 'identity', ...(range !== undefined && { range }) };
  const isS3 = /^s3:/i.test(address);
  const url = isS3 ? s3Url(parseS3Address(address), access.s3, query) : webAddress(address);
  const headers = isS3 ? await signedHeaders(url, plain, access.s3) : plain;

  const stop = new AbortController();
  const onAbort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort);
  const idle = setTimeout(
    () => stop.abort(new PassingError(`nothing was received for ${access.idleMs / 1000} s`)),
    access.idleMs,
  );
  const failure = (cause: unknown): Error => {
    if (signal?.aborted) return signal.reason as Error;
    if (cause instanceof FixresDataError || cause instanceof PassingError) return cause;
    if (stop.signal.reason instanceof PassingError) return stop.signal.reason;
    return new PassingError(reasonOf(cause), { cause });
  };
  const close = async (): Promise<void> => {
    clearTimeout(idle);
    signal?.removeEventListener('abort', onAbort);
    stop.abort();
    await Promise.resolve();
  };
  try {
    const response = await fetch(url, { headers, signal: stop.signal });
    if (PASSING.has(response.status)) {
      const seconds = Number(response.headers.get('retry-after') ?? 0);
      throw new PassingError(answerText(response), {
        waitMs: Number.isFinite(seconds) ? seconds * 1000 : 0,
      });
    }
    const body = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for await (const bytes of (response.body ?? []) as AsyncIterable<Uint8Array>) {
          idle.refresh();
          yield bytes;
        }
      } catch (cause) {
        throw failure(cause);
      }
    };
    return { response, body, close };
  } catch (cause) {
    await close();
    throw failure(cause);
  }
}

/** @throws FixresDataError `bad-option` */
function webAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.username === '' && url.password === '') return url.href;
  throw new FixresDataError(
    'bad-option',
    url
      ? `The address at ${url.host} contains a user name or a password; use a signed address or a server that needs none.`
      : `"${withoutSignature(address)}" is not an address.`,
  );
}

/** S3 answers 403 for what does not exist, if the key may not list the bucket. */
function isMissing({ status }: Response): boolean {
  return status === 404 || status === 403 || status === 410;
}

/** @throws FixresDataError `download-failed` */
function requireContent(response: Response, address: string): void {
  const { status, headers } = response;
  const region = headers.get('x-amz-bucket-region');
  if ((status === 301 || status === 400) && region !== null)
    throw failed(address, `the bucket is in the region ${region} (AWS_REGION)`);
  if (status !== 200 && status !== 206) throw failed(address, answerText(response));
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity' && encoding !== '')
    throw failed(address, `the server compresses it (${encoding}), so no part of it can be read`);
}

/** @throws FixresDataError `download-failed` */
function requireSameFile(response: Response, { address, bytes, version }: RemoteFile): void {
  const length = response.headers.get('content-length');
  const total = response.status === 206 ? totalOf(response) : Number(length ?? bytes);
  const now = versionOf(response);
  if (total === bytes && now === version) return;
  const was = `${bytes} bytes${version === '' ? '' : `, ${version}`}`;
  const is = `${total} bytes${now === '' ? '' : `, ${now}`}`;
  throw failed(address, `it has changed since the data set was opened (from ${was} to ${is})`);
}

/** Position of the first byte of an answer. @throws FixresDataError `download-failed` */
function startOf(response: Response, asked: number, address: string): number {
  if (response.status === 200) return 0;
  const range = response.headers.get('content-range') ?? '';
  if (new RegExp(`^bytes ${asked}-\\d+/`).test(range)) return asked;
  throw failed(address, `the server sent the range "${range}" instead of that from byte ${asked}`);
}

/** The size of the file in Content-Range; NaN without it. */
function totalOf({ headers }: Response): number {
  return Number(/\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] ?? NaN);
}

function versionOf({ headers }: Response): string {
  return headers.get('etag') ?? headers.get('last-modified') ?? '';
}

function answerText({ status, statusText }: Response): string {
  return `the server answered ${`${status} ${statusText}`.trim()}`;
}

/** fetch has the reason only as a cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function failed(address: string, why: string, cause?: unknown): FixresDataError {
  return new FixresDataError(
    'download-failed',
    `Cannot read ${withoutSignature(address)}: ${why}.`,
    { cause },
  );
}
