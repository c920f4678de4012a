import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture, temporaryFolder, writeFolder } from '../../../../test/make-images.ts';
import type { ImageDataset } from '../../dataset/dataset.ts';
import { readBytes } from '../../files/byte-source.ts';
import { openDataset, type OpenDatasetOptions } from '../open-dataset.ts';

let image: Buffer;
beforeAll(async () => {
  image = await picture();
});

/** A folder `photos` with three images and a list. Its parent folder contains one more image. */
async function list(name: string, text: string): Promise<string> {
  const above = await temporaryFolder();
  const folder = join(above, 'photos');
  await writeFolder(folder, {
    'a/1.jpg': image,
    'a/2.jpg': image,
    'odd, "name".jpg': image,
    [name]: Buffer.from(text),
  });
  await writeFile(join(above, 'secret.jpg'), image);
  return join(folder, name);
}

async function open(
  file: string,
  options: Partial<OpenDatasetOptions> = {},
): Promise<ImageDataset> {
  return openDataset(file, { cacheFolder: 'unused', ...options });
}

async function openList(
  name: string,
  text: string,
  options: Partial<OpenDatasetOptions> = {},
): Promise<ImageDataset> {
  return open(await list(name, text), options);
}

const groupsOf = ({ examples }: ImageDataset): (string | undefined)[] =>
  examples.map(({ group }) => group);

describe('lists of images', () => {
  it('are read from CSV with columns in any order, quotes, CRLF and a byte order mark', async () => {
    const csv =
      '\ufeffLabel,note,path,split\r\ntulips,,a/1.jpg,val\r\n"daisy","two\nlines",a/2.jpg,train\r\n\r\ndaisy,x,"odd, ""name"".jpg",extra';
    const dataset = await openList('flowers.csv', csv);
    expect(dataset).toMatchObject({
      name: 'flowers',
      format: 'manifest',
      classNames: ['daisy', 'tulips'],
    });
    expect(dataset.examples.map(({ id, label, split }) => [id, label, split])).toEqual([
      ['a/1.jpg', 1, 'validation'],
      ['a/2.jpg', 0, 'train'],
      ['odd, "name".jpg', 0, 'extra'],
    ]);
    for (const { source } of dataset.examples) expect(await readBytes(source)).toEqual(image);
  });

  it('are read from JSON lines with numeric labels and class names for them', async () => {
    const jsonl =
      '{"path": "a/1.jpg", "label": 1, "split": null}\n\n{"path": "a/2.jpg", "label": 0}\r\n';
    const dataset = await openList('manifest.jsonl', jsonl, { classNames: ['daisy', 'tulips'] });
    expect(dataset).toMatchObject({ name: 'photos', classNames: ['daisy', 'tulips'] });
    expect(dataset.examples.map(({ id, label, split }) => [id, label, split])).toEqual([
      ['a/1.jpg', 1, undefined],
      ['a/2.jpg', 0, undefined],
    ]);
    expect((await openList('m.ndjson', jsonl)).classNames).toEqual(['0', '1']);
  });

  it.each([
    [
      'x.csv',
      'name,label\na/1.jpg,b\n',
      /starts with "name,label"; expected a header with path and label/,
    ],
    [
      'x.csv',
      'file_name,text,kind\na/1.jpg,b,c\n',
      /has the columns text, kind in addition to the path, and no label or class; select the one with the class/,
    ],
    ['x.csv', '', /x\.csv is empty; expected a list of images/],
    ['x.jsonl', '\ufeff\n \n', /x\.jsonl is empty/],
    ['x.csv', 'path,label,Label\na/1.jpg,x,y\n', /has several columns called "label"; rename all/],
    [
      'x.csv',
      'path;label\na/1.jpg;x\n',
      /separates fields by semicolons, as in "path;label"; expected commas, tabs or spaces/,
    ],
    ['x.csv', 'a/1.jpg|x\na/2.jpg|y\n', /separates fields by vertical bars, as in "a\/1.jpg\|x"/],
    [
      'x.csv',
      'path,label\na/1.jpg,"x\u001b[31m"\na/2.jpg,y\n',
      /^The class "x\\u001b\[31m" of .* contains a control character/,
    ],
    [
      'x.csv',
      'path,label\na/1.jpg,-2\na/2.jpg,y\n',
      /Line 2 of .* has the label -2; a label is text or a whole/,
    ],
    ['x.csv', 'path,label\n', /lists no images/],
    ['x.csv', 'path,label\na/1.jpg,b,c\n', /Line 2 of .* has 3 fields; the first line has 2/],
    ['x.csv', 'path,label\n"a\nb",x\n"a/1.jpg\n', /line 4 has a quoted field that does not end/],
    ['x.csv', 'path,label\n"a"b,c\n', /line 2 has text after a quoted field/],
    ['x.csv', 'path,label\na"b,c\n', /line 2 has a quote inside/],
    ['x.csv', 'path,label\n,c\n', /Line 2 of .* has no path/],
    [
      'x.csv',
      'path,label\na/1.jpg,\n',
      /lists no images with a label. Left out: images without a label \(1, the first a\/1.jpg\)/,
    ],
    ['x.jsonl', '{"path": "a/1.jpg"}\n', /lists no images with a label/],
    [
      'x.csv',
      'path,label\na/1.jpg,x\na/1.jpg,y\n',
      /Line 3 of .* names "a\/1.jpg" again, as line 2, with another label; every/,
    ],
    [
      'x.csv',
      'path,label\na/1.jpg,x\na/2.jpg,y\n./a/1.jpg,x\n',
      /Line 4 of .* names ".\/a\/1.jpg" again, as line 2; every/,
    ],
    [
      'x.csv',
      'path,label\na/1.jpg,x\na/9.jpg,y\n',
      /Line 3 of .* names "a\/9.jpg", which cannot be read/,
    ],
    ['x.csv', 'path,label\na/1.jpg,x\na,y\n', /Line 3 of .* names "a", which is not a file/],
    ['x.csv', 'path,label\na/1.jpg,x\n', /only one class, "x"/],
    ['x.jsonl', '[]', /Line 1 of .* is not a JSON object/],
    ['x.jsonl', '{"path": "a/1.jpg", "label": 1}\n{', /Line 2 of .* is not a JSON object/],
    ['x.jsonl', '{"path": 3, "label": 1}', /Line 1 of .* has no path/],
    [
      'x.jsonl',
      '{"path": "a/1.jpg", "label": 1.5}',
      /Line 1 of .* has the label 1\.5; a label is text or a whole number/,
    ],
    [
      'x.jsonl',
      '{"path": "a/1.jpg", "label": 1, "split": 2}',
      /Line 1 of .* has a split that is not text/,
    ],
  ])('are rejected with a reason: %s %j', async (name, text, message) => {
    await expect(openList(name, text)).rejects.toThrow(message);
  });

  it('cannot name images outside their folder unless that is allowed', async () => {
    const outside = await list('x.csv', '');
    const folder = join(outside, '..');
    await symlink('../secret.jpg', join(folder, 'link.jpg'));
    await symlink('..', join(folder, 'up'));
    for (const path of [
      '../secret.jpg',
      'a/../../secret.jpg',
      join(folder, '../secret.jpg'),
      'link.jpg',
      'up/secret.jpg',
      '.',
      '../gone.jpg',
    ]) {
      await writeFile(outside, `path,label\na/1.jpg,x\n${path},y\n`);
      await expect(open(outside), path).rejects.toMatchObject({
        code: 'unsafe-entry',
        message: expect.stringContaining('Line 3') as string,
      });
    }
    // An absolute path into the folder is inside, whatever the folder is called.
    await symlink(folder, join(folder, '../named'));
    for (const list of [outside, join(folder, '../named/x.csv')]) {
      await writeFile(outside, `path,label\na/1.jpg,x\n${join(list, '../a/2.jpg')},y\n`);
      expect((await open(list)).examples.map(({ id }) => id)).toEqual(['a/1.jpg', 'a/2.jpg']);
    }
    for (const path of ['../secret.jpg', join(folder, '../secret.jpg'), 'link.jpg']) {
      await writeFile(outside, `path,label\na/1.jpg,x\n${path},y\n`);
      expect((await open(outside, { allowOutside: true })).examples).toHaveLength(2);
    }
  });

  it('accept other column names, and leave out images without a label', async () => {
    const csv = 'filename,Class,species\na/1.jpg,x,ash\na/2.jpg,y,oak\n"odd, ""name"".jpg",,\n';
    const dataset = await openList('x.csv', csv);
    expect([dataset.classNames, dataset.examples.map(({ id }) => id)]).toEqual([
      ['x', 'y'],
      ['a/1.jpg', 'a/2.jpg'],
    ]);
    expect(dataset.leftOut).toEqual([
      { what: 'images without a label', count: 1, first: 'odd, "name".jpg', matters: true },
    ]);
    expect((await openList('x.csv', csv, { labelKey: 'species' })).classNames).toEqual([
      'ash',
      'oak',
    ]);
    await expect(openList('x.csv', csv, { labelKey: 'kind' })).rejects.toThrow(
      'has the columns Class, species in addition to the path, and none called "kind"',
    );
    expect(groupsOf(await openList('x.csv', csv, { groupKey: 'species' }))).toEqual(['ash', 'oak']);
    const numbered =
      '{"file_name": "a/1.jpg", "label": "x", "animal": 7}\n{"file_name": "a/2.jpg", "label": "y", "animal": " "}\n';
    expect(groupsOf(await openList('x.jsonl', numbered, { groupKey: 'animal' }))).toEqual([
      '7',
      undefined,
    ]);
    await expect(openList('x.csv', csv, { groupKey: 'animal' })).rejects.toThrow(
      'Data set "x" has no group "animal" next to its images',
    );
    await expect(openList('x.jsonl', numbered, { groupKey: 'herd' })).rejects.toThrow(
      'Data set "x" has no group "herd" next to its images',
    );
    const lines = [
      '{"file_name": "a/1.jpg", "label": -1}',
      '{"file_name": "a/2.jpg", "label": null}',
      '{"file_name": "odd, \\"name\\".jpg", "label": 3}',
    ];
    await expect(openList('x.jsonl', lines.join('\n'))).rejects.toThrow(
      'only one class, "3"; at least two are needed. Left out: images without a label (2,',
    );
  });

  it('made on Windows are read on any system', async () => {
    const rows = 'a\\1.jpg,x\n.\\a\\2.jpg,nan\n"odd, ""name"".jpg",y\n';
    const dataset = await openList('x.csv', `path,label\n${rows}`);
    expect(dataset.examples.map(({ id }) => id)).toEqual(['a/1.jpg', 'odd, "name".jpg']);
    expect(dataset.leftOut).toMatchObject([{ what: 'images without a label', count: 1 }]);
    await expect(
      openList('x.csv', 'path,label\na/1.jpg,x\nC:\\photos\\a\\2.jpg,y\n'),
    ).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(
        /^Line 3 of .* names "C:\\photos\\a\\2\.jpg", which is a path on a Windows drive; write paths/,
      ) as string,
    });
    await expect(
      openList('x.csv', 'path,label\na/1.jpg,x\n..\\secret.jpg,y\n'),
    ).rejects.toMatchObject({ code: 'unsafe-entry' });
  });

  it('are refused in another encoding', async () => {
    const file = await list('x.csv', '');
    await writeFile(file, Buffer.from('\ufeffa/1.jpg,x\n', 'utf16le'));
    await expect(open(file)).rejects.toThrow(
      `${file} is encoded as UTF-16, by its byte order mark; save it as UTF-8.`,
    );
  });

  it('accept class names for numbers that are strings', async () => {
    const dataset = await openList('x.csv', 'path,label\na/1.jpg,1.0\na/2.jpg,0\n', {
      classNames: ['ash', 'oak', 'elm'],
    });
    expect(dataset.examples.map(({ label }) => dataset.classNames[label])).toEqual(['oak', 'ash']);
    const names = await openList('x.csv', 'path,label\na/1.jpg,1\na/2.jpg,2\n', {
      classNames: ['2', '1'],
    });
    expect(names.examples.map(({ label }) => names.classNames[label])).toEqual(['1', '2']);
  });

  it('have limits', async () => {
    const text = 'path,label\na/1.jpg,x\na/2.jpg,y\n';
    await expect(openList('x.csv', text, { limits: { maxEntries: 1 } })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
    await expect(openList('x.csv', text, { limits: { maxPathLength: 6 } })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
    await expect(openList('x.csv', text, { limits: { maxPathLength: 0 } })).rejects.toMatchObject({
      code: 'bad-option',
    });
  });
});
