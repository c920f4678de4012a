import { basename } from 'node:path';
import { FixresDataError } from '../../errors.ts';
import { inLanes } from '../in-lanes.ts';
import { findRemoteFile } from '../remote/fetch-remote.ts';
import { listS3 } from '../remote/list-s3.ts';
import { addressName, besideAddress, withoutSignature } from '../remote/remote-address.ts';
import type { RemoteAccess, RemoteFile } from '../remote/remote-file.ts';
import { requireAllShards } from './all-shards.ts';
import type { ReaderLimits } from './reader-limits.ts';
import { isShardIndex } from './index/stored-index.ts';
import { patternName, withoutShardEnding } from './shard-name.ts';
import { expandBraces, nameExpression } from './shard-pattern.ts';
import { isTfRecordFile } from './tfrecord/tfrecord-dataset.ts';

/** Requests at the same time. */
const LANES = 16;

/** The shards of a data set at an address. */
export interface RemoteShards {
  files: RemoteFile[];
  /** The file, if the address is that of one file, and not a pattern or a folder. */
  only?: RemoteFile | undefined;
  /** Name of the data set, from the address. */
  name: string;
  /** An address in the folder of the files that describe the data set. */
  folder: string;
  /** The beginning of the ids of a shard's images. */
  shardName: (shard: RemoteFile) => string;
}

interface FindOptions {
  limits: ReaderLimits;
  signal?: AbortSignal | undefined;
}

/**
 * Finds the shards that an address names, and their sizes and versions:
 *
 * - `https://…` or `http://…`: one file, or braces. Web servers list no folders.
 * - `s3://…`: one object, braces, `*` and `?` in the last part, or the beginning of all keys.
 *
 * @throws FixresDataError `not-found`, `bad-option`, `bad-layout` if a shard is missing, `download-failed`,
 * `limit-exceeded`; the signal's reason when aborted
 */
export async function findRemoteShards(
  address: string,
  access: RemoteAccess,
  { limits, signal }: FindOptions,
): Promise<RemoteShards> {
  const options = { limits, signal };
  const isS3 = /^s3:/i.test(address);
  if (
    isS3 &&
    !/[*?{]/.test(address) &&
    !/\.(?:tar|tgz|gz|tfrecords?(?:-[\d-]+of-\d+)?)$/i.test(address)
  )
    return listedShards(address, access, options);

  const addresses = expandBraces(address);
  if (!isS3 && addresses.some((each) => each.includes('*')))
    throw new FixresDataError(
      'bad-option',
      `Data set "${withoutSignature(address)}" has a *, but a web server does not list its files; give numbers in braces: train-{000..099}.tar.`,
    );
  const found = await inLanes(
    addresses,
    LANES,
    async (each) =>
      isS3 && /[*?]/.test(each)
        ? matching(each, access, options)
        : [await existing(each, address, access, signal)],
    signal,
  );
  const files = found.flat();
  if (files.length === 0)
    throw new FixresDataError('not-found', `No object matches the data set "${address}".`);
  const [first] = files;
  const isFile = addresses[0] === address && !(isS3 && /[*?]/.test(address));
  return {
    files,
    ...(isFile && { only: first }),
    name: isFile ? stem(address) : patternName(address.split('/')),
    folder: first!.address,
    shardName: (shard) => stem(shard.address),
  };
}

async function existing(
  address: string,
  dataset: string,
  access: RemoteAccess,
  signal: AbortSignal | undefined,
): Promise<RemoteFile> {
  const file = await findRemoteFile(address, access, signal);
  if (file.bytes > 0) return file;
  throw new FixresDataError(
    'damaged-archive',
    `${file.shown} of data set "${withoutSignature(dataset)}" is empty.`,
  );
}

/** The objects whose names match a pattern in the last part. */
async function matching(
  address: string,
  access: RemoteAccess,
  { limits, signal }: FindOptions,
): Promise<RemoteFile[]> {
  const pattern = addressName(address);
  const folder = address.slice(0, address.length - pattern.length);
  if (/[*?]/.test(folder))
    throw new FixresDataError(
      'bad-option',
      `Data set "${address}" has * or ? before the last /; they are allowed in the object's name.`,
    );
  const start = `${folder}${/^[^*?]*/.exec(pattern)![0]}`;
  const wanted = nameExpression(pattern);
  const all = await listS3(start, access, { maxEntries: limits.maxEntries, signal });
  return all.filter(
    ({ address: each }) => !isShardIndex(each) && wanted.test(each.slice(folder.length)),
  );
}

/** All shards below a prefix, as in a folder. */
async function listedShards(
  address: string,
  access: RemoteAccess,
  { limits, signal }: FindOptions,
): Promise<RemoteShards> {
  const root = `${address.replace(/\/+$/, '')}/`;
  const all = await listS3(root, access, { maxEntries: limits.maxEntries, signal });
  const visible = all.filter(
    ({ address: each, bytes }) => bytes > 0 && !/(?:^|\/)\./.test(each.slice(root.length)),
  );
  const records = visible.filter((file) => isTfRecordFile(file.address));
  const shards = visible.filter((file) => /\.(?:tar|tgz|tar\.gz)$/i.test(file.address));
  const files = records.length > 0 ? records : shards;
  if (files.length === 0)
    throw new FixresDataError(
      'not-found',
      `Data set "${address}" has no .tar and no TFRecord files among ${all.length} objects.`,
    );
  requireAllShards(files.map((file) => file.address));
  const folders = [...new Set(records.map((file) => besideAddress(file.address, '')))];
  if (folders.length > 1)
    throw new FixresDataError(
      'bad-layout',
      `${address} contains TFRecord files in ${folders.join(' and ')}; give one of these.`,
    );
  return {
    files,
    name: basename(root),
    folder: folders[0] ?? root,
    shardName: (shard) => withoutShardEnding(shard.address.slice(root.length)),
  };
}

function stem(address: string): string {
  return withoutShardEnding(addressName(address));
}
