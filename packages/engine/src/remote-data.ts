import { FixresEngineError } from './errors.ts';

/** How data sets at addresses are reached, from the environment. */
export interface RemoteDataSettings {
  s3: {
    accessKeyId?: string | undefined;
    secretAccessKey?: string | undefined;
    sessionToken?: string | undefined;
    region?: string | undefined;
    endpoint?: string | undefined;
  };
  /** Bytes of shards to keep in the cache folder; undefined: the reader's default. */
  maxCacheBytes?: number | undefined;
}

/**
 * Reads the variables that tools for S3 use: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
 * `AWS_SESSION_TOKEN`, `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`; and
 * `FIXRES_SHARD_CACHE_GB`.
 *
 * @param environment Environment variables; default: those of the process.
 * @throws FixresEngineError `bad-option` if only one of the two keys is set, or the number of GB is none
 */
export function remoteDataSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RemoteDataSettings {
  const first = (...names: string[]): string | undefined =>
    names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
  const accessKeyId = first('AWS_ACCESS_KEY_ID');
  const secretAccessKey = first('AWS_SECRET_ACCESS_KEY');
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined))
    throw new FixresEngineError(
      'bad-option',
      `Of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only ${accessKeyId === undefined ? 'the second' : 'the first'} is set; set both, or neither for public buckets.`,
    );
  const gigabytes = first('FIXRES_SHARD_CACHE_GB');
  if (gigabytes !== undefined && !(Number(gigabytes) >= 0 && Number(gigabytes) <= 1e6))
    throw new FixresEngineError(
      'bad-option',
      `FIXRES_SHARD_CACHE_GB is "${gigabytes}"; it must be a number from 0 to 1000000.`,
    );
  return {
    s3: {
      accessKeyId,
      secretAccessKey,
      sessionToken: first('AWS_SESSION_TOKEN'),
      region: first('AWS_REGION', 'AWS_DEFAULT_REGION'),
      endpoint: first('AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'),
    },
    maxCacheBytes: gigabytes === undefined ? undefined : Math.floor(Number(gigabytes) * 1e9),
  };
}
