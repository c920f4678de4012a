import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import yazl from 'yazl';
import { maskedCrc32c } from '../../dist/crc32c.js';

/**
 * Valid inputs of every kind, ready to mutate: lists of bytes, and lists of records for TFRecord
 * files.
 *
 * @returns {Promise<Record<string, Buffer[] | Buffer[][]>>}
 */
export async function healthyInputs() {
  const jpeg = await jpegs();
  const png = await pngs();
  const webp = await webps();
  const images = [jpeg[0], jpeg[3], png[0], png[1], webp[0], webp[1]];
  const tar = [classFolderTar(images), longNameTar(images), webdatasetTar(images)];
  const zip = [
    await zipOf(images, false),
    await zipOf(images, true),
    await zipWithLists(images, 'metadata.csv'),
    await zipWithLists(images, '_classes.csv'),
  ];
  const tfrecord = [
    images.map((image, i) => tfExample(image, i % 2)),
    images.slice(0, 2).map((image, i) => tfExample(image, i)),
  ];
  return { jpeg, png, webp, ...pictures(), tar, tgz: tar, zip, tfrecord, ...lists() };
}

/** Gradients with some noise, so that every codec has data to encode. */
function drawing(width = 40, height = 28, channels = 3) {
  const pixels = Buffer.alloc(width * height * channels);
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = (i * 7 + (Math.imul(i, 2654435761) % 23)) & 255;
  return sharp(pixels, { raw: { width, height, channels } });
}

async function jpegs() {
  return Promise.all([
    drawing().jpeg().toBuffer(),
    drawing().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
    drawing()
      .withMetadata({ orientation: 6, exif: { IFD0: { Copyright: 'nobody' } } })
      .jpeg()
      .toBuffer(),
    drawing().greyscale().jpeg().toBuffer(),
    drawing().toColourspace('cmyk').jpeg().toBuffer(),
    drawing(300, 200).jpeg().toBuffer(),
  ]);
}

async function pngs() {
  return Promise.all([
    drawing().png().toBuffer(),
    drawing().png({ palette: true, progressive: true }).toBuffer(),
    drawing().toColourspace('rgb16').png().toBuffer(),
    drawing(40, 28, 4).png({ progressive: true }).toBuffer(),
    drawing().withMetadata({ orientation: 8 }).png().toBuffer(),
    drawing(300, 200).greyscale().png().toBuffer(),
  ]);
}

async function webps() {
  const pixels = await drawing(40, 56).raw().toBuffer();
  return Promise.all([
    drawing().webp().toBuffer(),
    drawing().webp({ lossless: true }).toBuffer(),
    drawing(40, 28, 4).webp().toBuffer(),
    drawing().withMetadata({ orientation: 5 }).webp().toBuffer(),
    sharp(pixels, { raw: { width: 40, height: 56, channels: 3, pageHeight: 28 } })
      .webp({ loop: 0, delay: [50, 50] })
      .toBuffer(),
    drawing(300, 200).webp().toBuffer(),
  ]);
}

/** BMP, GIF and TIFF files written by Pillow. */
function pictures() {
  const made = JSON.parse(
    readFileSync(new URL('../../src/fixtures/pictures.json', import.meta.url), 'utf8'),
  );
  const ofKind = (kind) =>
    Object.keys(made)
      .filter((name) => name.startsWith(kind))
      .map((name) => Buffer.from(made[name].file, 'base64'));
  return { bmp: ofKind('bmp'), gif: ofKind('gif'), tiff: ofKind('tiff') };
}

const pathOf = (i) =>
  `${i % 2 ? 'tulips' : 'daisy'}/${i}.${['jpg', 'jpg', 'png', 'png', 'webp', 'webp'][i]}`;

function classFolderTar(images) {
  return tar([
    ['photos/', '5', Buffer.alloc(0)],
    ...images.map((image, i) => [`photos/${pathOf(i)}`, '0', image]),
  ]);
}

/** A tar file with a GNU long name and a pax path before two of the entries. */
function longNameTar(images) {
  const long = Buffer.from(`daisy/${'long'.repeat(40)}.jpg\0`);
  const record = ` path=tulips/${'pax'.repeat(50)}.jpg\n`;
  const pax = Buffer.from(`${record.length + 3}${record}`);
  return tar([
    ['././@LongLink', 'L', long],
    ['short', '0', images[0]],
    ['PaxHeader', 'x', pax],
    ['short', '0', images[1]],
    ...images.slice(2).map((image, i) => [pathOf(i), '0', image]),
  ]);
}

function webdatasetTar(images) {
  return tar(
    images.flatMap((image, i) => [
      [`${i}.${pathOf(i).split('.')[1]}`, '0', image],
      i < 3
        ? [`${i}.cls`, '0', Buffer.from(String(i % 2))]
        : [`${i}.json`, '0', Buffer.from(JSON.stringify({ label: i % 2 }))],
    ]),
  );
}

function tar(entries) {
  const blocks = entries.flatMap(([path, type, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100);
    header.write('0000644\0', 100);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write(type, 156);
    header.write('ustar\u000000', 257);
    return [repairTarHeader(header), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Writes the checksum that matches the rest of a header. */
export function repairTarHeader(header) {
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

async function zipOf(images, compress) {
  const zip = new yazl.ZipFile();
  for (const [i, image] of images.entries()) zip.addBuffer(image, pathOf(i), { compress });
  zip.end();
  return buffer(zip.outputStream.pipe(new PassThrough()));
}

/** Images without class folders, and a file that lists their classes. */
async function zipWithLists(images, name) {
  const zip = new yazl.ZipFile();
  const rows = images.map((_, i) =>
    name === '_classes.csv'
      ? `${i}, ${i % 2}, ${1 - (i % 2)}`
      : `${i},${i % 2 ? 'tulips' : 'daisy'}`,
  );
  const header = name === '_classes.csv' ? 'filename, tulips, daisy' : 'file_name,label';
  zip.addBuffer(Buffer.from([header, ...rows].join('\n')), `train/${name}`, { compress: false });
  // No file endings, so the reader has to look at the content.
  for (const [i, image] of images.entries())
    zip.addBuffer(image, `train/${i}`, { compress: i % 2 === 0 });
  zip.end();
  return buffer(zip.outputStream.pipe(new PassThrough()));
}

/** A tf.train.Example with the features `image` and `label`. */
function tfExample(image, label) {
  const entry = (key, list) =>
    field(1, Buffer.concat([field(1, Buffer.from(key)), field(2, list)]));
  return field(
    1,
    Buffer.concat([
      entry('image', field(1, field(1, image))),
      entry('label', field(3, field(1, Buffer.from([label])))),
    ]),
  );
}

function field(number, content) {
  const head = [number * 8 + 2];
  let rest = content.length;
  for (; rest > 127; rest >>>= 7) head.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...head, rest]), content]);
}

/** A framed record, with correct checksums for whatever length it claims. */
export function tfRecord(data, claimedLength = BigInt(data.length)) {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(claimedLength);
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const foot = Buffer.alloc(4);
  foot.writeUInt32LE(maskedCrc32c(data));
  return Buffer.concat([head, data, foot]);
}

/** Lists of images that lie beside the list; see child.mjs. */
function lists() {
  const rows = [
    ['a.jpg', 'daisy', 'train'],
    ['b.png', 'tulips', 'train'],
    ['c.webp', 'daisy', 'val'],
  ];
  const csv = [
    'path,label,split',
    ...rows.map((row) => row.map((field) => `"${field}"`).join(',')),
  ].join('\r\n');
  const jsonl = rows
    .map(([path, label, split]) => JSON.stringify({ path, label, split }))
    .join('\n');
  return {
    csv: [Buffer.from(csv), Buffer.from(csv.replaceAll('"', ''))],
    jsonl: [Buffer.from(jsonl)],
  };
}
