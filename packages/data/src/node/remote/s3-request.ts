import { FixresDataError } from '../../errors.ts';

/** How objects of `s3://` addresses are reached. Without an access key, requests are not signed: public buckets only. */
export interface S3Access {
  accessKeyId?: string | undefined;
  secretAccessKey?: string | undefined;
  sessionToken?: string | undefined;
  /** Default `us-east-1`. */
  region?: string | undefined;
  /**
   * Address of a server that is compatible with S3, such as MinIO or Ceph. The bucket is then the first
   * part of the path. Default: Amazon S3.
   */
  endpoint?: string | undefined;
}

/** A bucket, and the key of an object or the start of several keys. */
export interface S3Place {
  bucket: string;
  key: string;
}

const DEFAULT_REGION = 'us-east-1';

/** @throws FixresDataError `bad-option` */
export function parseS3Address(address: string): S3Place {
  const { bucket, key = '' } =
    /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(?<key>.*))?$/is.exec(address)
      ?.groups ?? {};
  if (bucket !== undefined) return { bucket, key };
  throw new FixresDataError(
    'bad-option',
    `Data set "${address}" is not an address of S3; expected s3://BUCKET/PREFIX.`,
  );
}

/**
 * The address of an object, or of its bucket, for HTTP.
 *
 * @param query of the request, for example of ListObjectsV2
 * @throws FixresDataError `bad-option` if the endpoint is no address, or contains a password
 */
export function s3Url(
  { bucket, key }: S3Place,
  { endpoint, region = DEFAULT_REGION }: S3Access,
  query: Readonly<Record<string, string>> = {},
): string {
  if (endpoint?.includes('@'))
    throw new FixresDataError(
      'bad-option',
      'The endpoint of S3 contains a user name or a password (AWS_ENDPOINT_URL_S3); give keys instead (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).',
    );
  if (endpoint !== undefined && !(/^https?:\/\/[^/]/i.test(endpoint) && URL.canParse(endpoint)))
    throw new FixresDataError(
      'bad-option',
      `The endpoint of S3 is "${endpoint}"; it must be an address that begins with https:// or http:// (AWS_ENDPOINT_URL_S3).`,
    );
  // A certificate is valid for one level of names, so buckets with a dot are named in the path.
  const host = `s3.${region}.amazonaws.com`;
  const base =
    endpoint?.replace(/\/+$/, '') ?? `https://${bucket.includes('.') ? '' : `${bucket}.`}${host}`;
  const path = endpoint !== undefined || bucket.includes('.') ? `/${bucket}` : '';
  const search = Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .join('&');
  return `${base}${path}/${key.split('/').map(encoded).join('/')}${search === '' ? '' : `?${search}`}`;
}

/**
 * Headers with AWS's Signature Version 4.
 *
 * @param at time of the request; default now
 */
export async function signedHeaders(
  url: string,
  headers: Readonly<Record<string, string>>,
  { accessKeyId, secretAccessKey, sessionToken, region = DEFAULT_REGION }: S3Access,
  at: Date = new Date(),
): Promise<Record<string, string>> {
  if (accessKeyId === undefined || secretAccessKey === undefined) return { ...headers };
  // Only data sets in S3 need it, and not every command that reads images.
  const { AwsV4Signer } = await import('aws4fetch');
  // Other headers are not signed, because proxies may change them.
  const signer = new AwsV4Signer({
    url,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service: 's3',
    region,
    datetime: at.toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
  });
  const signed = await signer.sign();
  return { ...headers, ...Object.fromEntries(signed.headers.entries()) };
}

/** RFC 3986: everything but letters, digits and `-._~`, as the signature requires. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.codePointAt(0)!.toString(16).toUpperCase()}`,
  );
}
