import { expect, it } from 'vitest';
import { remoteDataSettings } from './remote-data.ts';

it('reads the variables of tools for S3, and the limit of the cache', () => {
  expect(remoteDataSettings({})).toEqual({ s3: {} });
  const keys = { AWS_ACCESS_KEY_ID: 'me', AWS_SECRET_ACCESS_KEY: 'secret' };
  expect(
    remoteDataSettings({
      ...keys,
      AWS_SESSION_TOKEN: '',
      AWS_REGION: '',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://all',
      AWS_ENDPOINT_URL_S3: 'http://minio:9000',
      FIXRES_SHARD_CACHE_GB: '2.5',
    }),
  ).toEqual({
    s3: {
      accessKeyId: 'me',
      secretAccessKey: 'secret',
      region: 'eu-central-1',
      endpoint: 'http://minio:9000',
    },
    maxCacheBytes: 2_500_000_000,
  });
});

it('refuses half a pair of keys, and a limit that is no number', () => {
  expect(() => remoteDataSettings({ AWS_ACCESS_KEY_ID: 'me' })).toThrow(
    'Of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY only the first is set; set both, or neither for public buckets.',
  );
  expect(() => remoteDataSettings({ FIXRES_SHARD_CACHE_GB: '-1' })).toThrow(
    'FIXRES_SHARD_CACHE_GB is "-1"; it must be a number from 0 to 1000000.',
  );
  expect(remoteDataSettings({ FIXRES_SHARD_CACHE_GB: '1000000' }).maxCacheBytes).toBe(1e15);
});
