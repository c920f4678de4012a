import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import yazl from 'yazl';
import { classPictures, picture, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import { tarBytes, type TarEntry } from '../../../test/tar-writer.ts';
import type { ImageDataset } from '../dataset/dataset.ts';
import { readBytes } from '../files/byte-source.ts';
import { openDataset } from './open-dataset.ts';
import type { ReaderLimits } from './reader-limits.ts';

async function write(
  name: string,
  bytes: Uint8Array,
): Promise<{ file: string; cacheFolder: string }> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, name), bytes);
  return { file: join(folder, name), cacheFolder: join(folder, 'cache') };
}

async function contents(dataset: ImageDataset): Promise<Record<string, Buffer>> {
  return Object.fromEntries(
    await Promise.all(
      dataset.examples.map(async ({ id, source }) => [id, await readBytes(source)] as const),
    ),
  );
}

async function zipFile(
  file: string,
  files: Record<string, Buffer>,
  compress = true,
): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const [path, bytes] of Object.entries(files)) zip.addBuffer(bytes, path, { compress });
  zip.end();
  await finished(zip.outputStream.pipe(createWriteStream(file)));
}

const tarOf = (files: Record<string, Buffer>, prefix = ''): TarEntry[] =>
  Object.entries(files).map(([path, bytes]) => ({ path: prefix + path, bytes }));

describe('openDataset', () => {
  it('reads the same data set from a folder, tar, tar.gz and zip (stored and deflated)', async () => {
    const files = await classPictures(['tulips', 'daisy'], 3);
    const folder = await temporaryFolder();
    await writeFolder(join(folder, 'photos'), files);
    await writeFile(join(folder, 'photos/LICENSE.txt'), 'not an image');
    await writeFile(join(folder, 'photos/daisy/._0.jpg'), 'a Mac leftover');
    await writeFile(join(folder, 'photos.tar'), tarBytes(tarOf(files)));
    await writeFile(
      join(folder, 'photos.tgz'),
      gzipSync(
        tarBytes([{ path: 'flower_photos/', type: '5' }, ...tarOf(files, 'flower_photos/')]),
      ),
    );
    await zipFile(join(folder, 'stored.zip'), files, false);
    await zipFile(join(folder, 'deflated.zip'), files, true);

    for (const name of ['photos', 'photos.tar', 'photos.tgz', 'stored.zip', 'deflated.zip']) {
      const dataset = await openDataset(join(folder, name), { cacheFolder: join(folder, 'cache') });
      expect(dataset.name).toBe(name.split('.')[0]);
      expect(dataset.classNames).toEqual(['daisy', 'tulips']);
      expect(await contents(dataset), name).toEqual(files);
      for (const { id, label } of dataset.examples)
        expect(id.startsWith(dataset.classNames[label]!)).toBe(true);
    }
  });

  it('reads archives of GNU tar with long names, in every format', async () => {
    const folder = await temporaryFolder();
    // ustar splits long paths at a slash; 90 + 90 characters fit only if split.
    const root = 'p'.repeat(90);
    const long = `${'x'.repeat(86)}.jpg`;
    const files = { ...(await classPictures(['a', 'b'], 1)), [`a/${long}`]: await picture() };
    await writeFolder(join(folder, root), files);
    for (const format of ['gnu', 'pax', 'ustar']) {
      const archive = join(folder, `${format}.tar`);
      execFileSync('tar', [`--format=${format}`, '-cf', archive, '-C', folder, root]);
      expect(await contents(await openDataset(archive, { cacheFolder: folder })), format).toEqual(
        files,
      );
    }
  });

  it("reads a tar of a folder's contents, which lists the folder itself", async () => {
    const folder = await temporaryFolder();
    const files = await classPictures(['a', 'b'], 1);
    await writeFolder(join(folder, 'photos'), files);
    const archive = join(folder, 'photos.tar');
    execFileSync('tar', ['-cf', archive, '-C', join(folder, 'photos'), '.']);
    expect(await contents(await openDataset(archive, { cacheFolder: folder }))).toEqual(files);
  });

  it('inflates a .tgz once, keyed by content, and leaves no partial file', async () => {
    const files = await classPictures(['a', 'b'], 2);
    const { file, cacheFolder } = await write('photos.tgz', gzipSync(tarBytes(tarOf(files))));
    await openDataset(file, { cacheFolder });
    const first = await readdir(join(cacheFolder, 'archives'));
    await openDataset(file, { cacheFolder });
    expect(await readdir(join(cacheFolder, 'archives'))).toEqual(first);
    expect(first).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.tar$/)]);
  });

  it.each([
    ['a path that leads up', { path: '../evil/x.jpg' }, 'points outside the archive'],
    ['a path that leads up in the middle', { path: 'a/../../x.jpg' }, 'points outside the archive'],
    ['an absolute path', { path: '/etc/x.jpg' }, 'points outside the archive'],
    ['a path with a drive', { path: 'C:/x.jpg' }, 'points outside the archive'],
    ['a path with backslashes', { path: '..\\x.jpg' }, 'points outside the archive'],
    ['a symbolic link', { path: 'a/x.jpg', type: '2', link: '/etc/passwd' }, 'is a link'],
    ['a hard link', { path: 'a/x.jpg', type: '1', link: 'b/0.jpg' }, 'is a link'],
    ['a device', { path: 'a/x.jpg', type: '3' }, 'is neither file nor folder'],
  ])('rejects a tar with %s', async (_, entry: TarEntry, message) => {
    const files = await classPictures(['a', 'b'], 1);
    const { file, cacheFolder } = await write('bad.tar', tarBytes([...tarOf(files), entry]));
    await expect(openDataset(file, { cacheFolder })).rejects.toMatchObject({
      code: 'unsafe-entry',
      message: expect.stringContaining(message) as string,
    });
  });

  it.each(['../x/yz.jpg', '/ab/cdef.jpg'])('rejects a zip with the entry %s', async (path) => {
    const folder = await temporaryFolder();
    const file = join(folder, 'bad.zip');
    // The zip library refuses to write such names, so the test overwrites a harmless one of the
    // same length.
    const harmless = 'h'.repeat(path.length - 4) + '.jpg';
    await zipFile(file, { ...(await classPictures(['a', 'b'], 1)), [harmless]: await picture() });
    await writeFile(
      file,
      Buffer.from((await readFile(file)).toString('latin1').replaceAll(harmless, path), 'latin1'),
    );
    await expect(openDataset(file, { cacheFolder: folder })).rejects.toMatchObject({
      code: 'unsafe-entry',
    });
  });

  it('rejects a zip with a symbolic link', async () => {
    const folder = await temporaryFolder();
    const zip = new yazl.ZipFile();
    zip.addBuffer(Buffer.from('/etc/passwd'), 'a/x.jpg', { mode: 0o120777 });
    zip.end();
    await finished(zip.outputStream.pipe(createWriteStream(join(folder, 'link.zip'))));
    await expect(openDataset(join(folder, 'link.zip'), { cacheFolder: folder })).rejects.toThrow(
      'is a link',
    );
  });

  it.each([
    ['x.tar', Buffer.from('this is no tar archive, but it is longer than nothing '.repeat(20))],
    ['x.tgz', Buffer.from('no gzip either')],
    ['y.tgz', gzipSync('gzip, but no tar inside '.repeat(40))],
    ['x.zip', Buffer.from('no zip either')],
  ])('names a damaged %s in the error', async (name, bytes) => {
    const { file, cacheFolder } = await write(name, bytes);
    await expect(openDataset(file, { cacheFolder })).rejects.toMatchObject({
      code: 'damaged-archive',
      message: expect.stringContaining(`${file} is a damaged`) as string,
    });
    expect(await readdir(join(cacheFolder, 'archives')).catch(() => [])).toEqual([]);
  });

  it('names the archive and the cache if the cache cannot be written', async () => {
    const { file, cacheFolder } = await write(
      'photos.tgz',
      gzipSync(tarBytes(tarOf(await classPictures(['a', 'b'], 1)))),
    );
    await writeFile(cacheFolder, 'a file in its place');
    const folder = join(cacheFolder, 'archives');
    const message = expect.stringMatching(
      new RegExp(`^${file} cannot be inflated into the cache folder ${folder}: .+\\.$`),
    ) as string;
    await expect(openDataset(file, { cacheFolder })).rejects.toMatchObject({
      code: 'write-failed',
      message,
    });
  });

  it('names an archive that cannot be read', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'photos.tgz');
    // Nobody can open a socket as a file, not even the superuser.
    const server = createServer().listen(file);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const message = expect.stringMatching(new RegExp(`^Cannot read ${file}: `)) as string;
    await expect(openDataset(file, { cacheFolder: folder })).rejects.toMatchObject({
      code: 'not-found',
      message,
    });
  });

  it('names truncated archives', async () => {
    const tar = tarBytes(tarOf(await classPictures(['a', 'b'], 2)));
    for (const [name, bytes] of [
      ['cut.tar', tar.subarray(0, 700)],
      ['cut.tgz', gzipSync(tar).subarray(0, 200)],
    ] as const) {
      const { file, cacheFolder } = await write(name, bytes);
      await expect(openDataset(file, { cacheFolder })).rejects.toMatchObject({
        code: 'damaged-archive',
      });
    }
  });

  it('reports what is wrong with a layout', async () => {
    const folder = await temporaryFolder();
    const open = async (files: Record<string, Buffer>, name: string): Promise<unknown> =>
      openDataset(await writeFolder(join(folder, name), files), { cacheFolder: folder });
    const image = await picture();
    await expect(
      openDataset(join(folder, 'nowhere'), { cacheFolder: folder }),
    ).rejects.toMatchObject({ code: 'not-found' });
    await expect(open({ 'a/x.txt': Buffer.from('x') }, 'none')).rejects.toMatchObject({
      code: 'bad-layout',
    });
    await expect(open({ 'x.jpg': image }, 'flat')).rejects.toMatchObject({ code: 'bad-layout' });
    await expect(open({ 'a/x.jpg': image, 'a/b/x.jpg': image }, 'mixed')).rejects.toMatchObject({
      code: 'bad-layout',
    });
    await expect(open({ 'a/x.jpg': image }, 'one')).rejects.toMatchObject({ code: 'one-class' });
    await mkdir(join(folder, 'empty/c'), { recursive: true });
    await expect(open({ 'a/x.jpg': image, 'b/x.jpg': image }, 'empty')).rejects.toThrow(
      'Class folder "c"',
    );
    await writeFile(join(folder, 'x.rar'), 'x');
    await expect(openDataset(join(folder, 'x.rar'), { cacheFolder: folder })).rejects.toMatchObject(
      { code: 'unsupported-format' },
    );
  });

  it('uses train, val and test folders as splits', async () => {
    const image = await picture();
    const paths = ['train/a/x.jpg', 'train/b/x.jpg', 'val/a/x.jpg', 'test/b/x.jpg', 'test/c/y.jpg'];
    const files = Object.fromEntries(paths.map((path) => [path, image]));
    const folder = await temporaryFolder();
    await writeFolder(join(folder, 'photos'), files);
    await writeFile(join(folder, 'photos.tar'), tarBytes(tarOf(files, 'photos/')));
    for (const name of ['photos', 'photos.tar']) {
      const { classNames, examples } = await openDataset(join(folder, name), {
        cacheFolder: folder,
      });
      expect(classNames).toEqual(['a', 'b', 'c']);
      expect(examples.map(({ id, label, split }) => `${id} ${label} ${split}`).sort()).toEqual([
        'test/b/x.jpg 1 test',
        'test/c/y.jpg 2 test',
        'train/a/x.jpg 0 train',
        'train/b/x.jpg 1 train',
        'val/a/x.jpg 0 validation',
      ]);
    }
    // Such a folder is not a split if it is alone or beside anything else.
    const [alone] = (await openDataset(join(folder, 'photos/train'), { cacheFolder: folder }))
      .examples;
    expect([alone!.id, alone!.split]).toEqual(['a/x.jpg', undefined]);
    for (const [name, path] of [
      ['more', 'other/a/x.jpg'],
      ['twice', 'validation/a/x.jpg'],
      ['deep', 'x/train/a/x.jpg'],
    ] as const) {
      const place = await writeFolder(join(folder, name), { ...files, [path]: image });
      await expect(openDataset(place, { cacheFolder: folder }), path).rejects.toMatchObject({
        code: 'bad-layout',
      });
    }
    await mkdir(join(folder, 'photos/val/c'));
    await expect(openDataset(join(folder, 'photos'), { cacheFolder: folder })).rejects.toThrow(
      'Class folder "val/c"',
    );
  });

  it('rejects an archive that contains a path twice', async () => {
    const files = tarOf(await classPictures(['a', 'b'], 1));
    const { file, cacheFolder } = await write('twice.tar', tarBytes([...files, ...files.slice(1)]));
    await expect(openDataset(file, { cacheFolder })).rejects.toThrow(/contains "b\/0.jpg" twice/);
    // The same name with another ending is another image.
    const both = await write('both.tar', tarBytes([...files, { ...files[0]!, path: 'a/0.png' }]));
    expect((await openDataset(both.file, { cacheFolder })).examples).toHaveLength(3);
  });

  it('rejects more entries or longer paths than allowed', async () => {
    const folder = await temporaryFolder();
    const files = await classPictures(['a', 'b'], 2);
    await writeFolder(join(folder, 'photos'), files);
    await writeFile(join(folder, 'photos.tar'), tarBytes(tarOf(files)));
    await zipFile(join(folder, 'photos.zip'), files);
    for (const name of ['photos', 'photos.tar', 'photos.zip']) {
      const open = async (limits: Partial<ReaderLimits>): Promise<unknown> =>
        openDataset(join(folder, name), { cacheFolder: folder, limits });
      await expect(open({ maxEntries: 3 }), name).rejects.toMatchObject({ code: 'limit-exceeded' });
      await expect(open({ maxPathLength: 6 }), name).rejects.toMatchObject({
        code: 'limit-exceeded',
      });
      await expect(open({ maxEntries: 6, maxPathLength: 7 }), name).resolves.toMatchObject({
        name: 'photos',
      });
    }
  });

  it('follows links in a folder, but rejects cycles', async () => {
    const folder = await temporaryFolder();
    const photos = await writeFolder(join(folder, 'photos'), await classPictures(['a', 'b'], 1));
    await symlink(join(photos, 'a/0.jpg'), join(photos, 'b/linked.jpg'));
    await symlink(join(photos, 'b'), join(photos, 'c'));
    expect(
      (await openDataset(photos, { cacheFolder: folder })).examples.map(({ id }) => id),
    ).toEqual(['a/0.jpg', 'b/0.jpg', 'b/linked.jpg', 'c/0.jpg', 'c/linked.jpg']);
    await symlink('..', join(photos, 'a/up'));
    await expect(openDataset(photos, { cacheFolder: folder })).rejects.toMatchObject({
      code: 'bad-layout',
      message: expect.stringContaining('a/up') as string,
    });
    await rm(join(photos, 'a/up'));
    for (const target of ['nowhere', 'itself']) {
      await symlink(target, join(photos, 'a/itself'));
      await expect(openDataset(photos, { cacheFolder: folder })).rejects.toThrow(
        'is a broken link',
      );
      await rm(join(photos, 'a/itself'));
    }
  });

  it('can inflate the same archive twice at once', async () => {
    const files = await classPictures(['a', 'b'], 2);
    const { file, cacheFolder } = await write('photos.tgz', gzipSync(tarBytes(tarOf(files))));
    const both = await Promise.all([
      openDataset(file, { cacheFolder }),
      openDataset(file, { cacheFolder }),
    ]);
    for (const dataset of both) expect(await contents(dataset)).toEqual(files);
    expect(await readdir(join(cacheFolder, 'archives'))).toHaveLength(1);
  });

  it('does not read images above the size limit', async () => {
    const { file, cacheFolder } = await write(
      'photos.tar',
      tarBytes(tarOf(await classPictures(['a', 'b'], 1))),
    );
    const { source } = (await openDataset(file, { cacheFolder })).examples[0]!;
    await expect(readBytes(source, { maxBytes: source.length - 1 })).rejects.toMatchObject({
      code: 'image-too-large',
    });
    await expect(readBytes({ ...source, inflatedLength: 2 ** 40 })).rejects.toMatchObject({
      code: 'image-too-large',
    });
  });

  it('detects that an archive changed after it was opened', async () => {
    const { file, cacheFolder } = await write(
      'photos.tar',
      tarBytes(tarOf(await classPictures(['a', 'b'], 1))),
    );
    const dataset = await openDataset(file, { cacheFolder });
    await writeFile(file, 'gone');
    await expect(readBytes(dataset.examples[0]!.source)).rejects.toMatchObject({
      code: 'damaged-archive',
    });
  });
});
