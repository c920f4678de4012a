// Data sets of every form that docs/datasets.md describes. Most are made of the 40 photos of the tests;
// formats that need a writer come from the fixtures, which the tools themselves wrote.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const from = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const photos = from('testing/photos');
const layouts = from('packages/data/src/fixtures/layouts');
const parquet = from('packages/data/src/fixtures/parquet');

/** Each photo with its class, and the labels of a multi-label data set, which follow from its mean colour. */
const images = Object.entries(JSON.parse(readFileSync(from('testing/photos.json'), 'utf8'))).map(
  ([path, levels], i) => {
    const mean = (channel) =>
      levels.reduce((sum, level, j) => sum + (j % 3 === channel ? level : 0), 0) / 16;
    const [red, green, blue] = [0, 1, 2].map(mean);
    const labels = [
      ...(red + green + blue > 384 ? ['bright'] : []),
      ...(blue > red ? ['blue'] : []),
      ...(green > red ? ['green'] : []),
    ];
    const part = i % 4 === 0 ? 'val' : 'train';
    return { path, name: path.split('/')[1], label: dirname(path), labels, part };
  },
);
const classes = [...new Set(images.map(({ label }) => label))].sort();
const labels = ['blue', 'bright', 'green'];

const lines = (rows) => `${rows.join('\n')}\n`;
const jsonLines = (rows) => lines(rows.map((row) => JSON.stringify(row)));
const numberOf = ({ label }) => classes.indexOf(label);

/** COCO annotations: one per label of an image. */
function coco(names, labelsOf) {
  return JSON.stringify({
    images: images.map(({ path }, id) => ({ id, file_name: path })),
    categories: names.map((name, id) => ({ id, name })),
    annotations: images.flatMap((image, id) =>
      labelsOf(image).map((label) => ({ image_id: id, category_id: names.indexOf(label) })),
    ),
  });
}

/** Labels of Open Images: a line for each label that was asked about. */
function openImages(names, labelsOf) {
  const rows = images.flatMap((image) =>
    names.map((name) => {
      const id = image.name.slice(0, -extname(image.name).length);
      return `${id},verification,/m/${name},${labelsOf(image).includes(name) ? 1 : 0}`;
    }),
  );
  return lines(['ImageID,Source,LabelName,Confidence', ...rows]);
}

/** Columns of zeros and ones, as Roboflow writes them. */
function oneHot(names, labelsOf) {
  const rows = images.map((image) => [
    image.path,
    ...names.map((name) => (labelsOf(image).includes(name) ? 1 : 0)),
  ]);
  return lines([['filename', ...names], ...rows].map((row) => row.join(',')));
}

const one = ({ label }) => [label];
const several = (image) => image.labels;
const descriptions = (names) => lines(names.map((name) => `/m/${name},${name}`));

/** Writes texts beside the photos in their class folders. @returns the path of the first one */
function beside(folder, texts) {
  cpSync(photos, folder, { recursive: true });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return join(folder, Object.keys(texts)[0]);
}

/** Copies each photo to a path. @returns the folder */
function arranged(folder, pathOf) {
  for (const image of images) {
    const file = join(folder, pathOf(image));
    mkdirSync(dirname(file), { recursive: true });
    cpSync(join(photos, image.path), file);
  }
  return folder;
}

/** Photos without class folders, and a file that lists them. @returns the folder */
function flat(folder, name, text) {
  arranged(folder, (image) => image.path.replace('/', '-'));
  writeFileSync(join(folder, name), text.replaceAll(/\b(\w+)\/([\w-]+\.)/g, '$1-$2'));
  return folder;
}

function archive(folder, options) {
  arranged(join(folder, 'photos'), ({ path }) => path);
  const file = join(folder, options === '-cf' ? 'photos.tar' : 'photos.tgz');
  execFileSync('tar', [options, file, '-C', folder, 'photos']);
  return file;
}

function written(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/**
 * A form: its name, what makes it in a folder and returns the path to open, and how an experiment
 * file reads it. `hasParts`: it has its own held-out images. `convert`: what `fixres data convert` makes
 * of it first.
 */
export const forms = [
  { name: 'class folders', make: () => photos },
  {
    name: 'class folders in train and val',
    hasParts: true,
    make: (folder) => arranged(folder, ({ part, path }) => `${part}/${path}`),
  },
  { name: 'class folders in a .tar', make: (folder) => archive(folder, '-cf') },
  { name: 'class folders in a .tgz', make: (folder) => archive(folder, '-czf') },
  {
    name: 'nested classes',
    make: (folder) =>
      arranged(folder, ({ label, name }) =>
        ['animals', 'fish'].includes(label) ? `living/${label}/${name}` : `built/${label}/${name}`,
      ),
    reading: { nestedClasses: true },
  },
  {
    name: 'folder with metadata.csv',
    make: (folder) =>
      flat(
        folder,
        'metadata.csv',
        lines(['file_name,label', ...images.map(({ path, label }) => `${path},${label}`)]),
      ),
  },
  {
    name: 'folder with metadata.jsonl',
    make: (folder) =>
      flat(
        folder,
        'metadata.jsonl',
        jsonLines(images.map(({ path, label }) => ({ file_name: path, label }))),
      ),
  },
  { name: 'folder with metadata.parquet', make: () => join(parquet, 'metadata') },
  {
    name: 'folder with _classes.csv',
    make: (folder) => flat(folder, '_classes.csv', oneHot(classes, one)),
  },
  {
    name: 'folder with _annotations.coco.json',
    make: (folder) => flat(folder, '_annotations.coco.json', coco(classes, one)),
  },
  {
    name: '.csv with a header',
    hasParts: true,
    make: (folder) =>
      beside(folder, {
        'list.csv': lines([
          'path,label,split',
          ...images.map(({ path, label, part }) => `${path},${label},${part}`),
        ]),
      }),
  },
  {
    name: '.jsonl',
    make: (folder) =>
      beside(folder, {
        'list.jsonl': jsonLines(images.map(({ path, label }) => ({ path, label }))),
      }),
  },
  {
    name: '.txt without a header, numbers and class_index.json',
    make: (folder) =>
      beside(folder, {
        'list.txt': lines(images.map((image) => `${image.path} ${numberOf(image)}`)),
      }),
    classNames: JSON.stringify(Object.fromEntries(classes.map((name, i) => [i, [`n${i}`, name]]))),
  },
  {
    name: '.tsv without a header',
    make: (folder) =>
      beside(folder, { 'list.tsv': lines(images.map(({ path, label }) => `${path}\t${label}`)) }),
  },
  {
    name: '{train,val}.txt',
    hasParts: true,
    make: (folder) => {
      const ofPart = (wanted) =>
        lines(
          images
            .filter(({ part }) => part === wanted)
            .map((image) => `${image.path} ${numberOf(image)}`),
        );
      beside(folder, { 'train.txt': ofPart('train'), 'val.txt': ofPart('val') });
      return join(folder, '{train,val}.txt');
    },
  },
  {
    name: 'COCO annotations',
    make: (folder) => beside(folder, { 'labels.json': coco(classes, one) }),
  },
  {
    name: 'labels of Open Images',
    make: (folder) => {
      arranged(join(folder, 'train'), ({ name }) => name);
      return written(join(folder, 'train-labels.csv'), openImages(classes, one));
    },
    classNames: descriptions(classes),
    namesFile: 'class-descriptions.csv',
  },
  { name: 'webdataset by data convert', convert: 'webdataset', make: () => photos },
  { name: 'folder by data convert', convert: 'folder', make: () => join(layouts, 'hub-parquet') },
  { name: 'Parquet of the Hub', hasParts: true, make: () => join(parquet, 'hub') },
  { name: 'TFRecord of TensorFlow Datasets', make: () => join(layouts, 'tfds-train-only') },
  {
    name: 'TFRecord with two labels',
    make: () => join(layouts, 'tf-two-labels', 'trees.tfrecord'),
    reading: { labelKey: 'fine_label' },
  },
  { name: 'webdataset with .json', make: () => join(layouts, 'wds-json.tar') },
  { name: 'webdataset with parts', hasParts: true, make: () => join(layouts, 'wds-parts') },
  { name: 'folders of Roboflow', hasParts: true, make: () => join(layouts, 'roboflow-folders') },
  { name: 'folders of Kaggle', hasParts: true, make: () => join(layouts, 'kaggle-class-folders') },
  {
    name: 'multi-label .csv',
    multi: true,
    make: (folder) =>
      beside(folder, {
        'list.csv': lines([
          'path,labels',
          ...images.map((image) => `${image.path},${image.labels.join(';') || '[]'}`),
        ]),
      }),
  },
  {
    name: 'multi-label .jsonl',
    multi: true,
    make: (folder) =>
      beside(folder, {
        'list.jsonl': jsonLines(
          images.map((image) => ({ path: image.path, labels: image.labels })),
        ),
      }),
  },
  {
    name: 'multi-label metadata.jsonl',
    multi: true,
    make: (folder) =>
      flat(
        folder,
        'metadata.jsonl',
        jsonLines(images.map((image) => ({ file_name: image.path, labels: image.labels }))),
      ),
  },
  {
    name: 'multi-label _classes.csv',
    multi: true,
    make: (folder) => flat(folder, '_classes.csv', oneHot(labels, several)),
  },
  {
    name: 'multi-label COCO annotations',
    multi: true,
    make: (folder) => beside(folder, { 'labels.json': coco(labels, several) }),
  },
  {
    name: 'multi-label labels of Open Images',
    multi: true,
    make: (folder) => {
      arranged(join(folder, 'train'), ({ name }) => name);
      return written(join(folder, 'train-labels.csv'), openImages(labels, several));
    },
    classNames: descriptions(labels),
    namesFile: 'class-descriptions.csv',
  },
  { name: 'multi-label Parquet', multi: true, make: () => join(parquet, 'several.parquet') },
  {
    name: 'multi-label webdataset by data convert',
    multi: true,
    convert: 'webdataset',
    make: (folder) =>
      beside(folder, {
        'list.jsonl': jsonLines(
          images.map((image) => ({ path: image.path, labels: image.labels })),
        ),
      }),
  },
];
