import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { flowersArchive, flowerSizes, samplePhotos } from '@fixres/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../src/command-line/program.ts';
import type { LeaksReport } from '../src/data-leaks/find-leaks.ts';
import { type CliResult, runCli } from './run-cli.ts';

let work: string;
let photos: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'fixres-cli-'));
  photos = join(work, 'photos');
  for (const [i, name] of ['daisy', 'rose'].entries()) {
    await mkdir(join(photos, name), { recursive: true });
    for (let n = 0; n < 4; n++) {
      const file = join(photos, name, `${n}.${n === 3 ? 'png' : 'jpg'}`);
      await sharp({
        create: {
          width: 120 + 20 * n,
          height: 100,
          channels: 3,
          background: { r: 90 * i, g: 60 * n, b: 80 },
        },
      }).toFile(file);
    }
  }
});
afterAll(() => rm(work, { recursive: true, force: true }));

const fixres = (...words: string[]): Promise<CliResult> =>
  runCli(words, { cwd: work, env: { NO_COLOR: '1' } });

async function refused(words: string[], message: string | RegExp): Promise<void> {
  const { code, stdout, stderr } = await fixres(...words);
  expect(stderr).toMatch(message);
  expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({
    code: 2,
    stdout: '',
    lines: 1,
  });
}

const number = expect.any(Number) as number;

describe('fixres plan', () => {
  it('prints a table, the matched size and a recommendation', async () => {
    const { code, stdout } = await fixres('plan', photos, '--train-size', '64');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^photos: 8 images, trained with sampledBoundingBoxCrop at 64\n/);
    expect(stdout).toMatch(
      /fixresTest@224\s+784\s+224\s+\d\.\d\d\s+\d\.\d\d to \d\.\d\d\s+100\.0 %\s+8\.2 %\s+12\.25x/,
    );
    expect(stdout).toMatch(
      /\n\* Recommended: shortSideCrop, images at \d+, crop \d+\.\n {2}The mean apparent-size ratio is/,
    );
  });

  it('prints exactly the documented JSON', async () => {
    const { code, stdout, stderr } = await fixres(
      'plan',
      photos,
      '--train-size',
      '64',
      '--candidates',
      '72, resize@80,fixresTest@112',
      '--json',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const candidate = (policy: string, imageSize: number, cropSize: number) => ({
      policy,
      imageSize,
      cropSize,
      ratio: { mean: number, p10: number, p50: number, p90: number },
      upsampledShare: number,
      stretch: number,
      relativeFlops: (cropSize / 64) ** 2,
    });
    expect(JSON.parse(stdout)).toStrictEqual({
      dataset: 'photos',
      trainPolicy: 'sampledBoundingBoxCrop',
      trainSize: 64,
      candidates: [
        candidate('shortSideCrop', 82, 72),
        candidate('resize', 80, 80),
        candidate('fixresTest', 196, 112),
      ],
      matched: { imageSize: number, cropSize: number },
      recommendation: {
        policy: 'shortSideCrop',
        imageSize: number,
        cropSize: number,
        reason: expect.any(String) as string,
      },
      warnings: [
        expect.stringMatching(/^shortSideCrop@88 shows \d\d % of a photo on average\./) as string,
        expect.stringContaining(
          'a map of 2 x 2 cells at 64 pixels and a map of 3 x 3 cells at 88:',
        ) as string,
      ],
      measured: null,
    });
  });

  interface Plan {
    candidates: { policy: string; imageSize: number; cropSize: number; ratio: { mean: number } }[];
    matched: unknown;
    recommendation: { policy: string };
  }

  async function isThatOfTheFlowers(source: string): Promise<void> {
    const { stdout } = await fixres('plan', source, '--train-size', '128', '--json');
    const { candidates, matched, recommendation } = JSON.parse(stdout) as Plan;
    const ratio = (name: string, imageSize: number) =>
      candidates.find(
        ({ policy, imageSize: size, cropSize }) =>
          policy === name && size === imageSize && cropSize === 224,
      )!.ratio.mean;
    expect(Math.abs(ratio('fixresTest', 392) - 1.65)).toBeLessThan(0.01);
    expect(Math.abs(ratio('resize', 224) - 0.945)).toBeLessThan(0.01);
    expect(matched).toEqual({ imageSize: 201, cropSize: 176 });
    expect(recommendation).toMatchObject({
      policy: 'shortSideCrop',
      imageSize: 201,
      cropSize: 176,
    });
  }

  it('recommends the same as the library for images of the sizes of the flower photos', async () => {
    const folder = join(work, 'flowers');
    for (const name of ['daisy', 'tulips']) await mkdir(join(folder, name), { recursive: true });
    // The planner reads only headers: start of image, frame, start of scan.
    const header = ({ width, height }: { width: number; height: number }): Buffer => {
      const bytes = Buffer.from('ffd8ffc00011080000000003012200021101031101ffda0002', 'hex');
      bytes.writeUInt16BE(height, 7);
      bytes.writeUInt16BE(width, 9);
      return bytes;
    };
    await Promise.all(
      flowerSizes().map((size, i) =>
        writeFile(join(folder, i % 2 === 0 ? 'daisy' : 'tulips', `${i}.jpg`), header(size)),
      ),
    );
    await isThatOfTheFlowers(folder);
  });

  it('recommends the same as the library for the flower photos', { tags: 'flowers' }, () =>
    isThatOfTheFlowers(flowersArchive()),
  );

  it('handles real photos of many kinds', async () => {
    const { code, stdout, stderr } = await fixres(
      'plan',
      samplePhotos,
      '--train-size',
      '96',
      '--json',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { recommendation, matched } = JSON.parse(stdout) as Plan;
    expect(recommendation).toMatchObject({ policy: 'shortSideCrop', ...(matched as object) });
  });

  it.each(['png', 'svg'])(
    'draws the distributions as .%s, into folders that do not exist yet',
    async (ending) => {
      const file = join(work, 'pictures', `plan.${ending}`);
      const { code, stderr } = await fixres('plan', photos, '--train-size', '64', '--out', file);
      expect({ code, stderr }).toEqual({ code: 0, stderr: `\nPicture: ${file}\n` });
      expect(await sharp(file).metadata()).toMatchObject({
        format: ending,
        width: ending === 'png' ? 2240 : 1120,
      });
      const { channels, isOpaque } = await sharp(file).stats();
      expect(isOpaque).toBe(true);
      // A light background with content on it.
      expect(channels[0]!.mean).toBeGreaterThan(225);
      expect(channels[0]!.min).toBeLessThan(60);
    },
  );

  it('has valid candidates for large train sizes', async () => {
    const { code, stdout, stderr } = await fixres('plan', photos, '--train-size', '2400', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { candidates } = JSON.parse(stdout) as { candidates: { cropSize: number }[] };
    expect(Math.max(...candidates.map(({ cropSize }) => cropSize))).toBe(4096);
  });

  it('skips files that are not images, and reports them', async () => {
    const folder = join(work, 'damaged');
    await cp(photos, folder, { recursive: true });
    await writeFile(join(folder, 'rose', '1.jpg'), 'no picture');
    const { code, stdout, stderr } = await fixres('plan', folder, '--train-size', '64');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'warning: 1 of 8 files are no images and are left out, the first of them rose/1.jpg.\n',
    });
    expect(stdout).toMatch(/^damaged: 7 images/);
    for (const name of ['daisy', 'rose'])
      for (const n of ['0.jpg', '1.jpg', '2.jpg', '3.png'])
        await writeFile(join(folder, name, n), 'none');
    await refused(
      ['plan', folder, '--train-size', '64'],
      /Image daisy\/0\.jpg cannot be read.* Nor can any other image of "damaged"\./,
    );
  });

  it.each([
    [[], /required option '--train-size <pixels>' not specified/],
    [['--train-size', 'x'], /It must be a whole number/],
    [
      ['--train-size', '4'],
      /option '--train-size <pixels>' argument '4' is invalid\. It must be a whole number from 8 to 4096, or height x width such as 192x256\./,
    ],
    [
      ['--train-size', '64', '--train-policy', 'crop'],
      /Policy "crop" does not exist; allowed are sampledBoundingBoxCrop,/,
    ],
    [
      ['--train-size', '64', '--candidates', 'resize'],
      /Option --candidates has "resize"; allowed are sizes and <policy>@<size>/,
    ],
    [
      ['--train-size', '64', '--candidates', 'fixresTest@32'],
      /Option "size" is 32; it must be at least trainSize, which is 64/,
    ],
    [
      ['--train-size', '64', '--limit', '20'],
      /^error: Option --limit is for measuring a model; name the model or run before the data set\.$/m,
    ],
    [
      ['synthetic'],
      /^error: ".*photos" is neither a model folder \(with model\.json\) nor a run folder/m,
    ],
    [
      ['--train-size', '64', '--out', 'plan.jpg'],
      /Option --out is "plan.jpg"; pictures are written as .png or .svg/,
    ],
  ])('refuses %j', (words, message) => refused(['plan', photos, ...words], message));

  it('refuses a data set that does not exist', () =>
    refused(['plan', 'nowhere', '--train-size', '64'], /Data set "nowhere" does not exist/));
});

describe('fixres preview', () => {
  it('draws a grid of images, the same for the same seed', async () => {
    const draw = async (file: string, seed: string): Promise<Buffer> => {
      const { code, stdout } = await fixres(
        ...[
          'preview',
          photos,
          '--policy',
          'sampledBoundingBoxCrop',
          '--image-size',
          '32',
          '--count',
          '6',
          '--seed',
          seed,
          '--out',
          file,
        ],
      );
      expect({ code, stdout }).toEqual({ code: 0, stdout: `${file}\n` });
      return readFile(join(work, file));
    };
    const first = await draw('a.png', '1');
    expect(await sharp(first).metadata()).toMatchObject({
      format: 'png',
      width: 1260,
      height: 560,
    });
    expect(await draw('b.png', '1')).toEqual(first);
    expect(await draw('c.png', '2')).not.toEqual(first);
  });

  it('states what augmentations and mixing did to each image', async () => {
    const { code } = await fixres(
      ...['preview', photos, '--policy', 'resize', '--image-size', '32', '--count', '4'],
      ...['--augment', 'randomGrayscale,gaussianBlur', '--color-jitter', '0.2'],
      ...['--random-erasing', '0.9', '--cutmix', '1', '--out', 'augmented.svg'],
    );
    expect(code).toBe(0);
    const svg = await readFile(join(work, 'augmented.svg'), 'utf8');
    expect(svg).toContain(
      'resize+randomGrayscale+gaussianBlur+colorJitter+randomErasing at 32 pixels',
    );
    for (const text of [/>blur \d/, />contrast x \d/, />erase \d+ x \d+</, />cutmix: \d+ % \w/])
      expect(svg).toMatch(text);
  });

  it('draws images whose SVG exceeds the default limit of parsers', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    for (const name of ['a', 'b']) {
      await mkdir(join(work, 'noise', name), { recursive: true });
      await sharp({
        create: { width: 1800, height: 1800, channels: 3, background: 'white', noise },
      })
        .png({ compressionLevel: 0 })
        .toFile(join(work, 'noise', name, '0.png'));
    }
    const { code, stderr } = await fixres(
      'preview',
      'noise',
      '--policy',
      'resize',
      '--image-size',
      '1800',
      '--count',
      '1',
      '--out',
      'large.png',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await sharp(join(work, 'large.png')).metadata()).toMatchObject({
      format: 'png',
      width: 640,
    });
  });

  it('fails if the picture cannot be written, and leaves no partial file', async () => {
    await mkdir(join(work, 'taken', 'a.svg', 'mine'), { recursive: true });
    const { code, stdout, stderr } = await fixres(
      'preview',
      photos,
      '--policy',
      'resize',
      '--image-size',
      '32',
      '--count',
      '1',
      '--out',
      'taken/a.svg',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: Picture "taken\/a\.svg" cannot be written: .*\n$/);
    expect(await readdir(join(work, 'taken'))).toEqual(['a.svg']);
  });

  it("shows the crop at the policy's position", async () => {
    const { code } = await fixres(
      'preview',
      photos,
      '--policy',
      'fixresTest',
      '--image-size',
      '112',
      '--train-size',
      '64',
      '--count',
      '1',
      '--out',
      'one.svg',
    );
    expect(code).toBe(0);
    const svg = await readFile(join(work, 'one.svg'), 'utf8');
    // floor(112 / 64 * 112) = 196, so the crop shows 112 / 196 of each side; scale = 196 /
    // sqrt(width * height).
    const [, width, height, scale] = /(\d+) × (\d+)<\/text>\s*<text[^>]*>scale (\d\.\d\d)×/
      .exec(svg)!
      .map(Number);
    expect(scale).toBeCloseTo(196 / Math.sqrt(width! * height!), 2);
    const frames = [
      ...svg.matchAll(
        /<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="none"/g,
      ),
    ].map((match) => match.slice(1).map(Number));
    const fit = Math.min(210 / width!, 160 / height!);
    expect(frames).toHaveLength(2);
    expect(frames[0]![2]).toBeCloseTo((112 / 196) * width! * fit, 6);
    expect(frames[0]![3]).toBeCloseTo((112 / 196) * height! * fit, 6);
  });

  it.each([
    [['--image-size', '32', '--out', 'x.png'], /required option '--policy <name>' not specified/],
    [['--policy', 'resize', '--image-size', '32'], /required option '--out <file>' not specified/],
    [
      ['--policy', 'fixresTest', '--image-size', '32', '--out', 'x.png'],
      /Policy "fixresTest" needs the size that the model was trained at as well/,
    ],
    [
      ['--policy', 'resize', '--image-size', '32', '--count', '0', '--out', 'x.png'],
      /option '--count <n>' argument '0' is invalid\. It must be a whole number from 1 to 400\./,
    ],
    [['--policy', 'resize', '--image-size', '32', '--out', 'x.gif'], /Option --out is "x.gif"/],
  ])('refuses %j', (words, message) => refused(['preview', photos, ...words], message));
});

describe('fixres data info', () => {
  it('finds the problems of a data set', async () => {
    const folder = join(work, 'messy');
    await cp(photos, folder, { recursive: true });
    await cp(join(folder, 'daisy', '0.jpg'), join(folder, 'rose', 'copy.jpg'));
    await cp(join(folder, 'daisy', '1.jpg'), join(folder, 'daisy', 'copy.jpg'));
    await writeFile(join(folder, 'rose', 'bad.jpg'), 'no picture');

    const { code, stdout } = await fixres('data', 'info', folder, '--json');
    expect(code).toBe(0);
    const spread = { min: number, p10: number, p50: number, p90: number, max: number };
    expect(JSON.parse(stdout)).toStrictEqual({
      dataset: 'messy',
      images: 11,
      format: 'class-folders',
      parts: [],
      leftOut: [],
      warnings: [],
      bytes: number,
      classes: [
        { name: 'daisy', images: 5 },
        { name: 'rose', images: 6 },
      ],
      sizes: {
        width: { min: 120, p10: 120, p50: 140, p90: 180, max: 180 },
        height: { min: 100, p10: 100, p50: 100, p90: 100, max: 100 },
        shortSide: { ...spread, min: 100, max: 100 },
        aspectRatio: { ...spread, min: 1.2, max: 1.8 },
        distinct: 4,
      },
      formats: { jpeg: 8, png: 2 },
      corrupt: [{ id: 'rose/bad.jpg', message: expect.stringContaining('rose/bad.jpg') as string }],
      duplicates: [
        ['daisy/0.jpg', 'rose/copy.jpg'],
        ['daisy/1.jpg', 'daisy/copy.jpg'],
      ],
      conflictingDuplicates: 1,
    });

    const { stdout: text } = await fixres('data', 'info', folder);
    expect(text).toMatch(/^messy: 11 images, 2 classes/);
    expect(text).toContain('Damaged:    1 of 11\n  Image rose/bad.jpg cannot be decoded');
    expect(text).toContain(
      'Duplicates: 2 copies in 2 groups of equal pictures; 1 of the groups have different classes\n  daisy/0.jpg = rose/copy.jpg\n',
    );
  });

  it('describes real photos of many kinds', async () => {
    const { code, stdout } = await fixres('data', 'info', samplePhotos, '--json');
    expect(code).toBe(0);
    // Upright sizes: koala.jpg is 210 x 280.
    expect(JSON.parse(stdout)).toMatchObject({
      images: 40,
      classes: ['animals', 'fish', 'monuments', 'tools', 'windmills'].map((name) => ({
        name,
        images: 8,
      })),
      sizes: {
        width: { min: 205, max: 320 },
        height: { min: 150, max: 288 },
        shortSide: { min: 150, max: 212 },
      },
      formats: { jpeg: 33, png: 4, webp: 3 },
      corrupt: [],
      duplicates: [],
    });
  });

  it('reports that there are no problems', async () => {
    const { stdout } = await fixres('data', 'info', photos);
    expect(stdout).toContain('Damaged:    none\nDuplicates: none\n');
  });

  it('refuses a data set that does not exist', () =>
    refused(['data', 'info', 'nowhere'], /Data set "nowhere" does not exist/));
});

describe('fixres data leaks', () => {
  it('finds smaller copies across the split and in two classes', async () => {
    const folder = join(work, 'leaking');
    const names = ['animals/bison.jpg', 'animals/giraffe.jpg', 'fish/goldfish.jpg'];
    for (const part of ['train', 'validation'])
      for (const name of ['a', 'b']) await mkdir(join(folder, part, name), { recursive: true });
    for (const [i, name] of names.entries()) {
      await cp(join(samplePhotos, name), join(folder, 'train', 'a', `${i}.jpg`));
      await sharp(join(samplePhotos, name))
        .resize(120)
        .toFile(
          join(folder, i === 2 ? 'train' : 'validation', i === 0 ? 'a' : 'b', `small${i}.png`),
        );
    }
    const args = ['data', 'leaks', folder];
    const drawn = join(work, 'pairs.svg');
    const { code, stdout, stderr } = await fixres(...args, '--json', '--out', drawn);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // Two pairs across the split and two of different classes, each with two pictures.
    expect((await readFile(drawn, 'utf8')).match(/<image /g)).toHaveLength(8);
    const report = JSON.parse(stdout) as LeaksReport;
    expect(report).toMatchObject({ images: { train: 4, heldOut: 2 }, pairs: 3, heldOutImages: 2 });
    const files = (pairs: LeaksReport['acrossSplit']): string[] =>
      pairs.map(({ a, b }) => `${basename(a)} ${basename(b)}`).sort();
    expect(files(report.acrossSplit)).toEqual(['0.jpg small0.png', '1.jpg small1.png']);
    expect(files(report.acrossClasses)).toEqual(['1.jpg small1.png', '2.jpg small2.png']);
    expect(report).toMatchObject({ timed: 0, bursts: [], similar: null });
    expect(report.trainImages.map((id) => basename(id)).sort()).toEqual(['0.jpg', '1.jpg']);
    const text = (await fixres(...args, '--distance', '0')).stdout;
    expect(text).toMatch(
      /^leaking: 4 training images, 2 held-out images\n\d pairs? of images look the same: .* at most 0 of 64 bits\./,
    );
    expect((await fixres(...args)).stdout).toMatch(
      /\nAcross the split: 2 held-out images \(100\.0 %\) look like a training image or share its burst\..* --drop-leaks leaves out 2 training images\. The training image first:\n {2}.*0\.jpg = .*small0\.png \(\d bits?\)\n/,
    );
  });
});

describe('the examples of the help texts', () => {
  const program = createProgram();
  const commands = program.commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands : [command],
  );
  const examples = commands
    .filter((command) => ['plan', 'preview', 'info'].includes(command.name()))
    .flatMap((command) => {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
      return text.split('\nExamples:\n')[1]!.trim().split('\n');
    })
    .map((line) => line.trim())
    // Measuring needs a run.
    .filter((line) => !line.includes('runs/'));

  it('exist', () => expect(examples).toHaveLength(8));

  it.each(examples)('%s', async (example) => {
    const { code, stdout, stderr } = await fixres(...example.split(' ').slice(1));
    expect(code, stderr).toBe(0);
    const out = /--out (\S+)/.exec(example)?.[1];
    if (out) expect((await sharp(join(work, out)).metadata()).format).toBe('png');
    if (example.includes('--json'))
      expect(JSON.parse(stdout)).toMatchObject({ dataset: 'synthetic' });
  });
});
