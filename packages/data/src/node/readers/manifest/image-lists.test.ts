import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { picture, temporaryFolder, writeFolder } from '../../../../test/make-images.ts';
import { datasetWarnings, type ImageDataset } from '../../dataset/dataset.ts';
import { openDataset, type OpenDatasetOptions } from '../open-dataset.ts';
import { defaultReaderLimits } from '../reader-limits.ts';
import { tableRecords } from './table-records.ts';

let image: Buffer;
beforeAll(async () => {
  image = await picture();
});

/** Writes files of text, and an image under every other name. */
async function folderOf(texts: Record<string, string>, ...images: string[]): Promise<string> {
  const folder = join(await temporaryFolder(), 'photos');
  return writeFolder(folder, {
    ...Object.fromEntries(images.map((path) => [path, image])),
    ...Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, Buffer.from(text)])),
  });
}

const open = async (
  path: string,
  options: Partial<OpenDatasetOptions> = {},
): Promise<ImageDataset> => openDataset(path, { cacheFolder: 'unused', ...options });

/** Id, class and part of each image. */
const read = ({ examples, classNames }: ImageDataset): (string | undefined)[][] =>
  examples.map(({ id, label, split }) =>
    split === undefined ? [id, classNames[label]] : [id, classNames[label], split],
  );

const photos = ['a/1.jpg', 'a/my photo, 2.JPEG', 'b/3'];
const fields = fc.stringMatching(/^[a-zé][a-zé ]{0,4}[a-zé]$/);

describe('lists without a header', () => {
  it.each([
    ['spaces', 'list.txt', 'a/1.jpg 0\r\na/my photo, 2.JPEG   1\n\nb/3 1'],
    ['tabs', 'list.lst', '\ufeffa/1.jpg\t0\na/my photo, 2.JPEG\t1\nb/3\t1\n'],
    ['commas', 'list.csv', 'a/1.jpg,0\n"a/my photo, 2.JPEG",1\nb/3,1\n'],
    ['tabs and a header', 'list.tsv', 'path\tlabel\na/1.jpg\t0\na/my photo, 2.JPEG\t1\nb/3\t1\n'],
    ['spaces and a header', 'list.txt', 'filename class\na/1.jpg 0\na/my photo, 2.JPEG 1\nb/3 1\n'],
  ])('separated by %s are a path and a label', async (_, name, text) => {
    const folder = await folderOf({ [name]: text }, ...photos);
    const dataset = await open(join(folder, name), { classNames: ['ash', 'oak'] });
    expect(dataset).toMatchObject({ name: 'list', format: 'manifest' });
    expect(read(dataset)).toEqual([
      ['a/1.jpg', 'ash'],
      ['a/my photo, 2.JPEG', 'oak'],
      ['b/3', 'oak'],
    ]);
  });

  it('may have labels of several words after a path with an ending', async () => {
    const text = 'a/1.jpg great white shark\na/my photo, 2.JPEG tench, Tinca tinca\n';
    const folder = await folderOf({ 'x.txt': text }, ...photos);
    expect(read(await open(join(folder, 'x.txt')))).toEqual([
      ['a/1.jpg', 'great white shark'],
      ['a/my photo, 2.JPEG', 'tench, Tinca tinca'],
    ]);
  });

  it('give back paths and labels whatever their spaces are', () => {
    const row = fc.record({ path: fields.map((name) => `${name}.jpg`), label: fields });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(' ', '  ', '\t', ','),
        (rows, gap) => {
          const text = rows.map(({ path, label }) => `${path}${gap}${label}\n`).join('');
          expect(
            tableRecords(text, 'x.txt', defaultReaderLimits).map(({ fields }) => fields),
          ).toEqual(rows.map(({ path, label }) => [path, label]));
        },
      ),
    );
  });

  it('find their images in the folder that has the name of the list, its part, or a usual one', async () => {
    const texts = {
      'train.txt': 'n1/1.JPEG 0\nn2/2.JPEG 1\n',
      'ILSVRC_val.txt': '1.JPEG 0\n',
      'all.txt': '5.JPEG 0\n6.JPEG 1\n',
    };
    const folder = await folderOf(
      texts,
      ...['train/n1/1.JPEG', 'train/n2/2.JPEG', 'val/1.JPEG', 'images/5.JPEG', 'images/6.JPEG'],
    );
    expect(read(await open(join(folder, '{train,ILSVRC_val}.txt')))).toEqual([
      ['train/n1/1.JPEG', '0', 'train'],
      ['train/n2/2.JPEG', '1', 'train'],
      ['val/1.JPEG', '0', 'validation'],
    ]);
    expect(read(await open(join(folder, 'train.txt')))).toEqual([
      ['train/n1/1.JPEG', '0'],
      ['train/n2/2.JPEG', '1'],
    ]);
    expect(read(await open(join(folder, 'all.txt')))[0]).toEqual(['images/5.JPEG', '0']);
    await writeFile(join(folder, 'val.txt'), 'train/n2/2.JPEG 1\ntrain/n1/1.JPEG 0\n');
    await expect(open(join(folder, '{train,val}.txt'))).rejects.toThrow(
      /^.*train\.txt and .*val\.txt have 2 images in common, the first "train\/n2\/2\.JPEG" \(lines 2 and 1\); every image must be in one list\.$/,
    );
    // A folder that leads outside is no exception.
    await symlink('..', join(folder, 'up'));
    await writeFile(join(folder, '../secret.jpg'), image);
    await writeFile(join(folder, 'up.txt'), 'secret.jpg 0\n../secret.jpg 1\n');
    await expect(open(join(folder, 'up.txt'))).rejects.toMatchObject({ code: 'unsafe-entry' });
  });

  it.each([
    [
      'x.txt',
      'a/1.jpg x\nb/3\n',
      {},
      /Line 2 of .*x\.txt is "b\/3"; expected a path and a label\./,
    ],
    ['x.csv', 'a/1.jpg,x,y\n', {}, /Line 1 of .* has 3 fields; without a header, a list has two/],
    ['x.txt', 'a/1.jpg\n', {}, /Line 1 of .* has 1 field; without a header/],
    ['x.txt', 'hello world\n', {}, /x\.txt starts with "hello,world"; expected a header with path/],
    ['x.txt', '\n\n', {}, /x\.txt is empty; expected a list of images/],
    [
      'x.txt',
      'a/1.jpg x\n',
      { labelKey: 'kind' },
      /has no header, so no column is called "kind" \(option "labelKey"\)/,
    ],
    ['x.txt', 'a/1.jpg x\na/9.jpg y\n', {}, /Line 2 of .* names "a\/9\.jpg", which cannot be read/],
  ])('are refused with a reason: %s %j %j', async (name, text, options, message) => {
    const folder = await folderOf({ [name]: text }, ...photos);
    await expect(open(join(folder, name), options)).rejects.toThrow(message);
  });
});

describe('COCO annotations', () => {
  const coco = (change: object = {}): string =>
    JSON.stringify({
      images: [
        { id: 7, file_name: '1.jpg', width: 24 },
        { id: 8, file_name: '2.jpg' },
        { id: 9, file_name: '3.jpg' },
        { id: 10, file_name: '4.jpg' },
      ],
      annotations: [
        { id: 1, image_id: 8, category_id: 3, bbox: [0, 0, 4, 4] },
        { id: 2, image_id: 7, category_id: 5 },
        { id: 3, image_id: 8, category_id: 3 },
        { id: 4, image_id: 9, category_id: 3 },
        { id: 5, image_id: 9, category_id: 5 },
      ],
      categories: [
        { id: 5, name: 'ash' },
        { id: 3, name: 'oak' },
      ],
      ...change,
    });
  const images = ['1.jpg', '2.jpg', '3.jpg', '4.jpg'];

  it('give an image the class of its category, whatever the number of boxes', async () => {
    const folder = await folderOf(
      { 'labels.json': coco() },
      ...images.map((name) => `data/${name}`),
    );
    const dataset = await open(join(folder, 'labels.json'));
    expect(read(dataset)).toEqual([
      ['data/1.jpg', 'ash'],
      ['data/2.jpg', 'oak'],
    ]);
    expect(datasetWarnings(dataset)).toEqual([
      'Left out of photos: images of several classes (1, the first 3.jpg), images without a label (1, the first 4.jpg).',
    ]);
  });

  it('leave out and count images that were not downloaded', async () => {
    // The first one is missing, so others must show where the images are.
    const folder = await folderOf({ 'labels.json': coco() }, 'images/2.jpg', 'images/3.jpg');
    const dataset = await open(join(folder, 'labels.json'), { classNames: ['ash', 'oak'] });
    expect(read(dataset)).toEqual([['images/2.jpg', 'oak']]);
    expect(datasetWarnings(dataset)).toEqual([
      'Left out of photos: listed images that do not exist (2, the first 1.jpg), images of several classes (1, the first 3.jpg).',
    ]);
    const roboflow = await folderOf({ '_annotations.coco.json': coco() }, '1.jpg', '2.jpg');
    const beside = await open(roboflow);
    expect(read(beside)).toEqual([
      ['1.jpg', 'ash'],
      ['2.jpg', 'oak'],
    ]);
    expect(datasetWarnings(beside)).toEqual([
      'Left out of photos: listed images that do not exist (2, the first 3.jpg).',
    ]);
    await writeFile(
      join(folder, 'out.json'),
      coco({ images: [{ id: 7, file_name: '../x.jpg' }], annotations: [] }),
    );
    await expect(open(join(folder, 'out.json'))).rejects.toMatchObject({ code: 'bad-layout' });
  });

  it('are read in each part of a folder, as Roboflow exports them', async () => {
    const [first, second] = ['1.jpg', '2.jpg'].map((name, i) =>
      coco({
        images: [{ id: 1, file_name: name }],
        annotations: [{ image_id: 1, category_id: i === 0 ? 5 : 3 }],
      }),
    );
    const folder = await folderOf(
      { 'train/_annotations.coco.json': first!, 'valid/_annotations.coco.json': second! },
      ...['train/1.jpg', 'valid/2.jpg'],
    );
    const dataset = await open(folder);
    expect(dataset.format).toBe('metadata');
    expect(read(dataset)).toEqual([
      ['train/1.jpg', 'ash', 'train'],
      ['valid/2.jpg', 'oak', 'validation'],
    ]);
  });

  it.each([
    ['{', /x\.json is not a JSON object, or not complete\./],
    ['[]', /x\.json is not a JSON object/],
    ['{}', /x\.json is not a file of COCO annotations: it has no list "images"; expected images/],
    [
      coco({ images: [7, 8, 7].map((id, i) => ({ id, file_name: `${i + 1}.jpg` })) }),
      /Image 3 of .* has the id 7, as image 1; every id must be used once\./,
    ],
    [
      coco({ categories: ['ash', 'oak'].map((name) => ({ id: 3, name })) }),
      /Category 2 of .* has the id 3, as category 1; every id must be used once\./,
    ],
    [
      coco({ images: [{ file_name: '1.jpg' }] }),
      /Image 1 of .* has no id that is text or a whole number\./,
    ],
    [
      coco({ images: [{ id: 7, file_name: 'x/1.jpg' }], annotations: [] }),
      /None of the 1 images of .*x\.json is in its folder, or in x, images, data there\./,
    ],
    [coco({ categories: {} }), /it has no list "categories"/],
    [coco({ categories: [{ id: 3 }] }), /Category 1 of .* has no name/],
    [
      coco({ annotations: [{ image_id: 1, category_id: 3 }] }),
      /Annotation 1 of .* the image 1, which/,
    ],
    [coco({ annotations: [{ image_id: 7 }] }), /Annotation 1 of .* the category undefined, which/],
    [coco({ images: [{ id: 7 }], annotations: [] }), /Image 1 of .* has no path/],
    [coco({ images: [null], annotations: [] }), /Image 1 of .* has no path/],
  ])('are refused with a reason: %s', async (text, message) => {
    const folder = await folderOf({ 'x.json': text }, ...images);
    await expect(open(join(folder, 'x.json'))).rejects.toThrow(message);
  });
});

describe('labels of Open Images', () => {
  const text =
    'ImageID,Source,LabelName,Confidence\n' +
    '0001,verification,/m/01,1\n0001,verification,/m/02,0\n0002,machine,/m/02,0.5\n0002,machine,/m/01,0.4\n' +
    '0003,verification,/m/01,1\n0003,verification,/m/02,1\n0004,verification,/m/01,0\n0009,verification,/m/01,1\n';

  it('are those that are confirmed, of the images that were downloaded', async () => {
    const name = 'train-annotations-human-imagelabels.csv';
    const descriptions = 'LabelName,DisplayName\n/m/01,Ash\n/m/02,Oak\n';
    const folder = await folderOf(
      { [name]: text, 'classes.csv': descriptions },
      ...['0001.jpg', '0002.png', '0003.jpg', '0004.jpg'].map((file) => `train/${file}`),
    );
    const dataset = await open(join(folder, name));
    expect(read(dataset)).toEqual([
      ['train/0001.jpg', '/m/01'],
      ['train/0002.png', '/m/02'],
    ]);
    expect(dataset.leftOut?.map(({ what, count, matters }) => [what, count, matters])).toEqual([
      ['listed images that do not exist', 1, false],
      ['images of several classes', 1, true],
      ['images without a label', 1, true],
    ]);
    const named = await open(join(folder, name), {
      classNames: ['Ash', 'Oak'],
      classIds: ['/m/01', '/m/02'],
    });
    expect(read(named).map(([, className]) => className)).toEqual(['Ash', 'Oak']);
  });

  it.each([
    [text.replace('0.5', '2'), /Line 4 of .* has the confidence "2"; it must be a number from 0/],
    [text.replace('0.5', ''), /Line 4 of .* has the confidence ""/],
    [text, /None of the 5 images of .*x\.csv is in its folder, or in x, images, data there\./],
  ])('are refused with a reason', async (list, message) => {
    const folder = await folderOf({ 'x.csv': list }, 'other/1.jpg');
    await expect(open(join(folder, 'x.csv'))).rejects.toThrow(message);
  });
});
