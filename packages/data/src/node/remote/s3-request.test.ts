import { expect, it } from 'vitest';
import { readFixtures } from '../../../test/fixtures.ts';
import { parseS3Address, s3Url, signedHeaders } from './s3-request.ts';

interface Signed {
  at: string;
  accessKeyId: string;
  secretAccessKey: string;
  requests: {
    bucket: string;
    key: string;
    region: string;
    token?: string;
    endpoint?: string;
    query?: Record<string, string>;
    url: string;
    headers: Record<string, string>;
  }[];
}

it('names objects and signs requests as botocore does', async () => {
  const { at, accessKeyId, secretAccessKey, requests } = readFixtures('s3-signatures') as Signed;
  expect(requests.length).toBeGreaterThan(3);
  for (const { bucket, key, region, token, endpoint, query, url, headers } of requests) {
    const access = { accessKeyId, secretAccessKey, sessionToken: token, region, endpoint };
    const place = parseS3Address(`s3://${bucket}/${key}`);
    expect(place).toEqual({ bucket, key });
    expect(s3Url(place, access, query)).toBe(url);
    expect(await signedHeaders(url, { range: 'bytes=0-9' }, access, new Date(at))).toEqual({
      ...headers,
      range: 'bytes=0-9',
    });
  }
});

it('signs nothing without keys', async () => {
  const range = { range: 'bytes=0-9' };
  expect(await signedHeaders('https://photos.s3.us-east-1.amazonaws.com/x', range, {})).toEqual(
    range,
  );
});

it('refuses what is no bucket and no endpoint', () => {
  for (const address of ['s3://', 's3://a/b', 's3://UPPER_case/x', 's3:///x'])
    expect(() => parseS3Address(address), address).toThrow(
      `Data set "${address}" is not an address of S3; expected s3://BUCKET/PREFIX.`,
    );
  expect(() => s3Url({ bucket: 'photos', key: '' }, { endpoint: 'minio:9000' })).toThrow(
    'The endpoint of S3 is "minio:9000"; it must be an address that begins with https:// or http:// (AWS_ENDPOINT_URL_S3).',
  );
  expect(() => s3Url({ bucket: 'photos', key: '' }, { endpoint: 'http://minio:x' })).toThrow(
    'The endpoint of S3 is "http://minio:x"; it must be an address',
  );
  for (const endpoint of ['http://user:pw@minio:9000', 'user:pw@minio', 'http://user:pw@'])
    expect(() => s3Url({ bucket: 'photos', key: '' }, { endpoint }), endpoint).toThrow(
      /^The endpoint of S3 contains a user name or a password \(AWS_ENDPOINT_URL_S3\); give keys instead/,
    );
});
