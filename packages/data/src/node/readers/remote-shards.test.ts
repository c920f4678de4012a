import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { picture, temporaryFolder } from '../../../test/make-images.ts';
import { ShardServer } from '../../../test/shard-server.ts';
import { tarBytes } from '../../../test/tar-writer.ts';
import { tfExampleBytes, tfRecordBytes } from '../../../test/tf-record-writer.ts';
import type { ImageDataset } from '../dataset/dataset.ts';
import { readImageHeaders } from '../decode/image-header.ts';
import { readBytes } from '../files/byte-source.ts';
import { ImageLoader } from '../loader/image-loader.ts';
import { randomResizedCrop } from '../../policies/torchvision-crops.ts';
import { imagesByContent } from './class-folders/images-by-content.ts';
import { writeTarIndex } from './index/indexed-tar.ts';
import { INDEX_ENDING } from './index/stored-index.ts';
import { openDataset, type OpenDatasetOptions } from './open-dataset.ts';
import { defaultReaderLimits } from './reader-limits.ts';

/** Waits hardly before it asks again, so that tests are quick. */
const quick = { firstDelayMs: 1, attempts: 3 };
/** A server that sends nothing is given up soon; on a busy machine others may be, too. */
const impatient = { remote: { idleMs: 300 } };

/** A shard of images, each with its class. Content that is no picture is enough where none is decoded. */
function shard(images: readonly Buffer[], classes: readonly string[] = ['daisy', 'rose']): Buffer {
  return tarBytes(
    images.flatMap((bytes, i) => [
      { path: `${i}.jpg`, bytes },
      { path: `${i}.cls`, bytes: Buffer.from(classes[i % classes.length]!) },
    ]),
  );
}

const images = (count: number, length = 150_000): Buffer[] =>
  Array.from({ length: count }, () => randomBytes(length));

async function contents({ examples, classNames }: ImageDataset): Promise<unknown[]> {
  return Promise.all(
    examples.map(async ({ id, label, split, source }) => [
      id,
      classNames[label],
      split,
      (await readBytes(source)).toString('base64'),
    ]),
  );
}

/** A folder of files, as a local copy of what a server has. */
async function localCopy(files: Record<string, Buffer>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  return folder;
}

interface Opened {
  server: ShardServer;
  cacheFolder: string;
  open: (path: string, options?: Partial<OpenDatasetOptions>) => Promise<ImageDataset>;
}

async function serve(files: Record<string, Buffer>): Promise<Opened> {
  const server = await ShardServer.start(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`/${name}`, bytes])),
  );
  const cacheFolder = await temporaryFolder();
  const open: Opened['open'] = async (path, { remote, ...options } = {}) =>
    openDataset(`${server.address}/${path}`, {
      cacheFolder,
      remote: { ...quick, ...remote },
      ...options,
    });
  return { server, cacheFolder, open };
}

describe('shards at addresses', () => {
  it('are the data set of the same files in a folder, and are transferred once', async () => {
    const files = {
      'p-train-00.tar': shard(images(3), ['1', '0']),
      'p-train-01.tar': shard(images(1), ['1']),
      'p-val-00.tar': shard(images(2), ['0', '1']),
      'classnames.txt': Buffer.from('daisy\nrose\n'),
    };
    const { server, open } = await serve(files);
    const folder = await localCopy(files);
    const pattern = 'p-{train-{00..01},val-00}.tar';
    const local = await openDataset(join(folder, pattern), { cacheFolder: folder });
    const remote = await open(pattern);
    expect(remote).toMatchObject({ name: local.name, classNames: ['daisy', 'rose'] });
    const expected = await contents(local);
    expect(await contents(remote)).toEqual(expected);
    const sent = server.contentRequests().filter((request) => request.includes('bytes='));
    // Four shards are read at a time, so their requests have no order.
    expect(sent.toSorted()).toEqual([
      expect.stringMatching(/^\/p-train-00.tar bytes=0-/),
      expect.stringMatching(/^\/p-train-01.tar bytes=0-/),
      expect.stringMatching(/^\/p-val-00.tar bytes=0-/),
    ]);

    server.requests.length = 0;
    expect(await contents(await open(pattern))).toEqual(expected);
    expect(server.contentRequests()).toEqual(['/classnames.txt all']);
  });

  it('are read in threads as files are', async () => {
    const pictures = await Promise.all([20, 31, 44].map(async (width) => picture(width, 24)));
    const files = { 'p.tar': shard(pictures) };
    const { open } = await serve(files);
    const folder = await localCopy(files);
    const loader = new ImageLoader({ threads: 1 });
    const pixels = async ({ examples }: ImageDataset): Promise<Uint8Array[]> => {
      const found: Uint8Array[] = [];
      const options = { policy: randomResizedCrop(16), batchSize: 2, shuffle: true };
      for await (const batch of loader.batches(examples, options)) found.push(batch.pixels);
      return found;
    };
    try {
      const local = await openDataset(join(folder, 'p.tar'), { cacheFolder: folder });
      expect(await pixels(await open('p.tar'))).toEqual(await pixels(local));
    } finally {
      await loader.close();
    }
  });

  it('are not taken for damaged images if the server fails', async () => {
    const { server, open } = await serve({
      'p.tar': shard([await picture(20, 24), randomBytes(9)]),
    });
    const { examples } = await open('p.tar', { remote: { maxCacheBytes: 0 } });
    const loader = new ImageLoader({ threads: 1 });
    try {
      const damaged = [expect.objectContaining({ id: 'p/1', code: 'corrupt-image' })];
      expect((await loader.inspect(examples)).failures).toEqual(damaged);
      expect((await readImageHeaders(examples)).failures).toEqual(damaged);
      server.files.clear();
      const failure = { name: 'FixresDataError', code: 'download-failed' };
      await expect(loader.inspect(examples)).rejects.toMatchObject(failure);
      await expect(readImageHeaders(examples)).rejects.toMatchObject(failure);
      const files = examples.map(({ id, source }) => ({ path: id, source }));
      await expect(imagesByContent(files)).rejects.toMatchObject(failure);
    } finally {
      await loader.close();
    }
  });

  it('are asked for again where the server fails, and from where it cut off', async () => {
    const files = { 'p.tar': shard(images(4)) };
    const { server, open } = await serve(files);
    server.trouble = ['busy', undefined, 500, 'reset', 'cut', 'cut', 'stall'];
    const dataset = await open('p.tar', impatient);
    expect(dataset.examples).toHaveLength(4);
    const folder = await localCopy(files);
    const local = await openDataset(join(folder, 'p.tar'), { cacheFolder: folder });
    expect(await contents(dataset)).toEqual(await contents(local));
    expect(server.trouble).toEqual([]);
    const starts = server
      .contentRequests()
      .flatMap((request) => /p.tar bytes=(\d+)/.exec(request)?.slice(1).map(Number) ?? []);
    expect(starts.at(-1)).toBeGreaterThan(files['p.tar'].length / 2);
  });

  it('end in one line if the server keeps failing, refuses, or has no such file', async () => {
    const { server, open } = await serve({ 'p.tar': shard(images(2)) });
    const url = `${server.address}/p.tar`;
    server.trouble = ['busy', 'busy', 'busy'];
    await expect(open('p.tar')).rejects.toMatchObject({
      code: 'download-failed',
      message: `Cannot read ${url}: the server answered 503 Service Unavailable (tried 3 times).`,
    });
    server.trouble = [undefined, 'stall', 'stall', 'stall'];
    await expect(open('p.tar', impatient)).rejects.toThrow(
      `Cannot read ${url}: nothing was received for 0.3 s (tried 3 times).`,
    );
    server.trouble = [403];
    // A signature is in no error.
    await expect(open('p.tar?X-Amz-Signature=secret')).rejects.toMatchObject({
      message: `Cannot read ${url}: the server answered 403 Forbidden.`,
    });
    server.trouble = [403];
    await expect(open('p.tar')).rejects.toThrow(`Cannot read ${url}: the server answered 403`);
    await expect(open('p-{0..2}.tar')).rejects.toMatchObject({
      code: 'not-found',
      message: `${server.address}/p-0.tar does not exist.`,
    });
    await expect(open('p-*.tar')).rejects.toThrow(
      'does not list its files; give numbers in braces',
    );
    server.put('/p.tgz', Buffer.from('x'));
    await expect(open('p.tgz')).rejects.toMatchObject({ code: 'unsupported-format' });
    await expect(
      openDataset(url.replace('//', '//me:secret@'), { cacheFolder: 'unused' }),
    ).rejects.toThrow(/^The address at 127.0.0.1:\d+ contains a user name or a password;/);
    await expect(open('p.tar', { remote: { attempts: 0 } })).rejects.toThrow(
      'Option "remote.attempts" is 0; it must be a whole number of at least 1.',
    );
  });

  it('are refused if they change while they are read, and read anew when opened again', async () => {
    const { server, open } = await serve({});
    const before = images(2, 400_000);
    server.put('/p.tar', shard(before));
    // Nothing is kept, so each image is asked for.
    const dataset = await open('p.tar', { remote: { maxCacheBytes: 0 } });
    const after = images(2, 400_000);
    server.put('/p.tar', shard(after));
    await expect(readBytes(dataset.examples[1]!.source)).rejects.toThrow(
      /^Cannot read .*\/p\.tar: it has changed since the data set was opened \(from \d+ bytes, "\d+-0" to/,
    );
    const again = await open('p.tar', { remote: { maxCacheBytes: 0 } });
    expect(await readBytes(again.examples[1]!.source)).toEqual(after[1]);
  });

  it('are read from a server that knows no ranges', async () => {
    const files = { 'p.tar': shard(images(3)) };
    const { server, open } = await serve(files);
    server.ranges = false;
    server.trouble = [undefined, 'cut'];
    const dataset = await open('p.tar');
    const folder = await localCopy(files);
    const local = await openDataset(join(folder, 'p.tar'), { cacheFolder: folder });
    expect(await contents(dataset)).toEqual(await contents(local));
    server.requests.length = 0;
    await contents(dataset);
    expect(server.requests).toEqual([]);
  });

  it('are read anew when opened again if the server states no version', async () => {
    const { server, open } = await serve({});
    for (const content of [images(2), images(2)]) {
      server.files.set('/p.tar', { bytes: shard(content) });
      const { examples } = await open('p.tar');
      for (let pass = 0; pass < 2; pass++)
        expect((await readBytes(examples[1]!.source)).equals(content[1]!)).toBe(true);
    }
    // What was read since the last opening comes from the cache.
    expect(server.contentRequests().filter((request) => request.includes('bytes='))).toHaveLength(
      2,
    );
  });

  it('of a pattern are shards, and those of one address an archive, as in a folder', async () => {
    const files = {
      'p-0.tar': tarBytes(
        ['daisy', 'rose'].flatMap((name, i) => [
          { path: `${name}/${i}.jpg`, bytes: randomBytes(50) },
          { path: `${name}/${i}.json`, bytes: Buffer.from(`{"label":"kind ${i}"}`) },
        ]),
      ),
    };
    const { open } = await serve(files);
    const folder = await localCopy(files);
    for (const [path, name, format] of [
      ['p-{0..0}.tar', 'p', 'webdataset'],
      ['p-0.tar', 'p-0', 'class-folders'],
    ] as const) {
      const local = await openDataset(join(folder, path), { cacheFolder: folder });
      const remote = await open(path);
      expect(local).toMatchObject({ name, format });
      expect(remote).toMatchObject({ name, format, classNames: local.classNames });
      expect(await contents(remote)).toEqual(await contents(local));
    }
  });

  it('take no more room in the cache than allowed, and are fetched again if it is damaged', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 6 }, (_, i) => [`p-${i}.tar`, shard(images(2, 200_000))]),
    );
    const { cacheFolder, open } = await serve(files);
    const folder = await localCopy(files);
    const local = await openDataset(join(folder, 'p-{0..5}.tar'), { cacheFolder: folder });
    const expected = await contents(local);
    const shards = join(cacheFolder, 'shards');
    const room = async (): Promise<number> => {
      const names = (await readdir(shards)).filter((name) => name.endsWith('.data'));
      const sizes = names.map(async (name) => (await stat(join(shards, name))).blocks * 512);
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    };
    const dataset = await open('p-{0..5}.tar', { remote: { maxCacheBytes: 1_000_000 } });
    for (let pass = 0; pass < 2; pass++) {
      for (const [i, { source }] of dataset.examples.entries())
        expect((await readBytes(source)).toString('base64')).toBe((expected[i] as string[])[3]);
      expect(await room()).toBeLessThanOrEqual(1_000_000);
    }

    const whole = await open('p-{0..5}.tar');
    await contents(whole);
    expect(await room()).toBeGreaterThan(2_400_000);
    for (const name of (await readdir(shards)).filter((each) => each.endsWith('.data')))
      await writeFile(join(shards, name), Buffer.alloc(300_000));
    expect(await contents(whole)).toEqual(expected);
  });

  it('with an index beside them are not read to be opened, and every part is verified', async () => {
    const files = { 'p-0.tar': shard(images(3)), 'p-1.tar': shard(images(2)) };
    const { server, open } = await serve(files);
    const folder = await localCopy(files);
    const local = await openDataset(join(folder, 'p-{0..1}.tar'), { cacheFolder: folder });
    for (const name of Object.keys(files)) {
      await writeTarIndex(join(folder, name), { limits: defaultReaderLimits });
      const index = `${name}${INDEX_ENDING}`;
      server.put(`/${index}`, await readFile(join(folder, index)));
    }
    const dataset = await open('p-{0..1}.tar');
    expect(server.contentRequests().filter((request) => request.includes('bytes='))).toEqual([]);
    expect(dataset.examples.map(({ id }) => id)).toEqual(local.examples.map(({ id }) => id));

    server.trouble = ['flip'];
    const expected = await contents(local);
    const [first, second] = dataset.examples;
    expect((await readBytes(first!.source)).toString('base64')).toBe((expected[0] as string[])[3]);
    server.trouble = ['flip', 'flip'];
    await expect(readBytes(second!.source)).rejects.toMatchObject({
      code: 'bad-checksum',
      message: expect.stringContaining(
        'p-0.tar does not have the checksum that its index states for',
      ) as string,
    });
    expect(await contents(dataset)).toEqual(expected);

    // An index of another shard is not used.
    server.put(`/p-0.tar${INDEX_ENDING}`, server.files.get(`/p-1.tar${INDEX_ENDING}`)!.bytes);
    const other = await open('p-{0..1}.tar', { cacheFolder: await temporaryFolder() });
    expect(await contents(other)).toEqual(expected);

    // One that cannot be fetched is none.
    server.before = ({ url = '' }, response) => {
      if (!url.endsWith(INDEX_ENDING)) return false;
      response.writeHead(500).end();
      return true;
    };
    const without = await open('p-{0..1}.tar', { cacheFolder: await temporaryFolder() });
    expect(await contents(without)).toEqual(expected);
  });

  it('are read with the index that is beside them now, not with one that was kept', async () => {
    const { server, open } = await serve({});
    const folder = await temporaryFolder();
    const put = async (bytes: Buffer): Promise<{ putIndex: () => void }> => {
      const file = join(folder, 'p.tar');
      await writeFile(file, bytes);
      await writeTarIndex(file, { limits: defaultReaderLimits });
      const index = await readFile(`${file}${INDEX_ENDING}`);
      server.put('/p.tar', bytes);
      return { putIndex: () => server.put(`/p.tar${INDEX_ENDING}`, index) };
    };
    const [small, large] = [randomBytes(100_000), randomBytes(150_000)];
    const first = async (): Promise<Buffer> => readBytes((await open('p.tar')).examples[0]!.source);

    (await put(shard([small, large]))).putIndex();
    expect(await first()).toEqual(small);
    // Another shard of the same size; its index is uploaded later.
    const { putIndex } = await put(shard([large, small]));
    await expect(first()).rejects.toMatchObject({ code: 'bad-checksum' });
    putIndex();
    expect(await first()).toEqual(large);
    server.requests.length = 0;
    expect(await first()).toEqual(large);
    expect(server.contentRequests()).toEqual(['/classnames.txt all']);

    await put(shard([small, large]));
    await expect(first()).rejects.toMatchObject({ code: 'bad-checksum' });
    server.files.delete(`/p.tar${INDEX_ENDING}`);
    expect(await first()).toEqual(small);
  });
});

/** Answers ListObjectsV2 with two keys a page, as its reference describes. */
function s3List(server: ShardServer, bucket: string): NonNullable<ShardServer['before']> {
  return ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, server.address);
    if (pathname !== `/${bucket}/` || searchParams.get('list-type') !== '2') return false;
    const keys = [...server.files.keys()]
      .map((path) => path.slice(bucket.length + 2))
      .filter((key) => key.startsWith(searchParams.get('prefix') ?? ''))
      .sort();
    const from = Number(searchParams.get('continuation-token') ?? 0);
    const isTruncated = from + 2 < keys.length;
    const contents = keys.slice(from, from + 2).map((key, i) => {
      const { bytes, etag } = server.files.get(`/${bucket}/${key}`)!;
      const name = key.split('/').map(encodeURIComponent).join('/').replaceAll('%20', '+');
      return `<Contents><Key>${name}</Key><ETag>${etag!.replaceAll('"', ['&quot;', '&#34;'][i]!)}</ETag><Size>${bytes.length}</Size></Contents>`;
    });
    response.end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}<EncodingType>url</EncodingType>${isTruncated ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : ''}</ListBucketResult>`,
    );
    return true;
  };
}

describe('objects of S3', () => {
  it('are listed by prefix or pattern, with signed requests', async () => {
    const files = {
      'a b/p-train-0.tar': shard(images(2)),
      'a b/p-train-1.tar': shard(images(1)),
      'a b/p-train-1.tar.index.json.gz': Buffer.from('no index'),
      'a b/p-val-0.tar': shard(images(2)),
      'a b/notes.txt': Buffer.from('x'),
      'other.tar': shard(images(1)),
    };
    const server = await ShardServer.start(
      Object.fromEntries(Object.entries(files).map(([key, bytes]) => [`/photos/${key}`, bytes])),
    );
    server.before = s3List(server, 'photos');
    const cacheFolder = await temporaryFolder();
    const s3 = { endpoint: server.address, accessKeyId: 'me', secretAccessKey: 'secret' };
    const open = async (path: string): Promise<ImageDataset> =>
      openDataset(path, { cacheFolder, remote: { ...quick, s3 } });

    const folder = join(await temporaryFolder(), 'a b');
    await mkdir(folder);
    for (const [key, bytes] of Object.entries(files))
      if (key.startsWith('a b/')) await writeFile(join(folder, key.slice(4)), bytes);
    const local = await openDataset(folder, { cacheFolder: folder });
    const dataset = await open('s3://photos/a b');
    expect(dataset.name).toBe('a b');
    expect(await contents(dataset)).toEqual(await contents(local));
    expect(server.requests.length).toBeGreaterThan(5);
    for (const { authorization } of server.requests)
      expect(authorization).toMatch(
        /^AWS4-HMAC-SHA256 Credential=me\/\d{8}\/us-east-1\/s3\/aws4_request,/,
      );

    for (const pattern of ['p-train-?.tar', 'p-train-{0..1}.tar', 'p-t*.tar', 'p-t*']) {
      const train = await open(`s3://photos/a b/${pattern}`);
      expect(train.examples.map(({ id }) => id)).toEqual([
        'p-train-0/0',
        'p-train-0/1',
        'p-train-1/0',
      ]);
    }
    expect((await open('s3://photos/a b/p-val-0.tar')).name).toBe('p-val-0');
    // The secret key is in no text that a log could contain.
    expect(JSON.stringify(dataset)).not.toContain('secret');
    await expect(open('s3://photos/nothing')).rejects.toMatchObject({
      code: 'not-found',
      message: 'Data set "s3://photos/nothing" has no .tar and no TFRecord files among 0 objects.',
    });
  });

  it('can be TFRecord files of TensorFlow Datasets', async () => {
    const records = (labels: number[]): Buffer =>
      tfRecordBytes(labels.map((label) => tfExampleBytes({ image: randomBytes(90_000), label })));
    const files = {
      'p-train.tfrecord-00000-of-00002': records([0, 1, 1]),
      'p-train.tfrecord-00001-of-00002': records([1]),
      'features.json': Buffer.from(
        '{"featuresDict": {"features": {"image": {"image": {}}, "label": {"classLabel": {}}}}}',
      ),
      'label.labels.txt': Buffer.from('daisy\nrose\n'),
      'dataset_info.json': Buffer.from('{"name": "flowers"}'),
    };
    const server = await ShardServer.start(
      Object.fromEntries(Object.entries(files).map(([key, bytes]) => [`/photos/v/${key}`, bytes])),
    );
    server.before = s3List(server, 'photos');
    const cacheFolder = await temporaryFolder();
    const remote = { ...quick, s3: { endpoint: server.address } };
    const open = async (): Promise<ImageDataset> =>
      openDataset('s3://photos/v/', { cacheFolder, remote });
    const folder = await localCopy(files);
    const local = await openDataset(folder, { cacheFolder: folder });
    const dataset = await open();
    expect(dataset).toMatchObject({ name: 'flowers', classNames: ['daisy', 'rose'] });
    expect(await contents(dataset)).toEqual(await contents(local));
    expect(server.requests.every(({ authorization }) => authorization === undefined)).toBe(true);

    server.requests.length = 0;
    expect(await contents(await open())).toEqual(await contents(local));
    expect(server.contentRequests().filter((request) => request.includes('bytes='))).toEqual([]);

    server.files.delete('/photos/v/p-train.tfrecord-00001-of-00002');
    await expect(open()).rejects.toThrow('1 of 2 files are missing');
  });
});
