import { execFile } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { samplePhotos } from '@fixres/testing';
import { expect, it } from 'vitest';
import type { ExportCertificate, Verification } from '../src/export/certificate/certificate.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

/** Output of packages/models/scripts/make-weights-fixtures.py. */
const kerasFile = fileURLToPath(
  new URL('../../../packages/models/test/fixtures/keras/trained.keras', import.meta.url),
);

async function succeeds(args: readonly string[], env?: Record<string, string>): Promise<string> {
  const { code, stdout, stderr } = await runCli(args, { env });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** A classifier of the five classes of the sample photos. */
async function importedModel(folder: string): Promise<string> {
  const out = join(folder, 'model');
  const names = join(folder, 'names.txt');
  await writeFile(names, 'animals\nfish\nmonuments\ntools\nwindmills\n');
  const [arch, width] = [
    ['--arch', 'resnet26v2'],
    ['--width', '2'],
  ];
  await succeeds([
    'import',
    'keras',
    kerasFile,
    ...arch,
    ...width,
    '--class-names',
    names,
    '--image-size',
    '64',
    '--out',
    out,
  ]);
  return out;
}

/** A small ConvNeXt with a new classifier, see packages/models/scripts/make-import-fixtures.py. */
async function importedConvNeXt(folder: string): Promise<string> {
  const out = join(folder, 'model');
  const file = join(folder, 'convnext.keras');
  const packed = await readFile(join(dirname(kerasFile), '../keras-import/convnext.keras.gz'));
  await writeFile(file, gunzipSync(packed));
  const head = ['--new-classifier', '--classes', '5'];
  await succeeds(['import', 'keras', file, ...head, '--image-size', '32', '--out', out]);
  return out;
}

async function certificateOf(folder: string): Promise<ExportCertificate> {
  return JSON.parse(await readFile(join(folder, 'export.json'), 'utf8')) as ExportCertificate;
}

/** Damages copies of a folder, one file each. */
async function refusesDamaged(folder: string): Promise<void> {
  const certificate = await certificateOf(folder);
  const { exported, images } = certificate;
  const cases: [file: string, content: unknown, why: string][] = [
    ['export.json', '{"version":\n 1', 'export.json is not JSON'],
    ['export.json', null, 'export.json is not an object'],
    ['export.json', { ...certificate, version: 2 }, 'export.json has version 2; allowed is 1'],
    ['export.json', { version: 1, format: 'onnx' }, 'has an exported that is not an object'],
    ...[[], 'model.onnx', ['../model.onnx'], [3], ['..']].map(
      (files): [string, unknown, string] => [
        'export.json',
        { ...certificate, exported: { ...exported, files } },
        'export.json has an exported.files that is not a list of file names',
      ],
    ),
    [
      'export.json',
      { ...certificate, exported: { ...exported, sha256: 5 } },
      'export.json has an exported.sha256 that is not a text',
    ],
    [
      'export.json',
      { ...certificate, exported: { ...exported, layout: 'CHW' } },
      'export.json has exported.layout "CHW"; allowed are NHWC, NCHW',
    ],
    ['export.json', { ...certificate, images: 'photos' }, 'images that is neither an object nor'],
    [
      'export.json',
      { ...certificate, images: { ...images, source: null } },
      'export.json has an images.source that is not a text',
    ],
    [
      'export.json',
      { ...certificate, images: { ...images, reading: [] } },
      'export.json has an images.reading that is not an object',
    ],
    ['export.json', undefined, 'export.json is missing'],
    ['model.onnx', undefined, 'model.onnx is missing'],
    ['fixres.json', undefined, 'fixres.json is missing'],
    ['fixres.json', '[1,\n', 'fixres.json is not JSON'],
    ['fixres.json', [], 'fixres.json: The model card in fixres.json is not an object'],
    ['fixres.json', { version: 1 }, 'fixres.json: '],
  ];
  const copy = join(folder, '..', 'damaged');
  for (const [file, content, why] of cases) {
    await cp(folder, copy, { recursive: true });
    if (content === undefined) await rm(join(copy, file));
    else
      await writeFile(
        join(copy, file),
        typeof content === 'string' ? content : JSON.stringify(content),
      );
    const { code, stdout, stderr } = await runCli(['verify', copy, '--quiet']);
    await rm(copy, { recursive: true });
    expect({ code, stdout, lines: stderr.trimEnd().split('\n') }).toEqual({
      code: 2,
      stdout: '',
      lines: [expect.stringContaining(why)],
    });
    expect(stderr).toContain(`error: "${copy}" is damaged: `);
  }
}

const runtimes: Readonly<Record<string, string>> = {
  onnx: 'onnxruntime-node',
  tflite: 'LiteRT',
  tfjs: 'TensorFlow.js (WebAssembly)',
};

const engine = ['--engine', 'wasm'];
const data = ['--data', samplePhotos];

it('exports are certified in ONNX Runtime and LiteRT, and verified again without the model', async () => {
  const folder = await temporaryFolder();
  const model = await importedModel(folder);
  const variants = [
    { name: 'plain', options: [], most: 1e-5 },
    { name: 'planes', options: ['--layout', 'NCHW'], most: 1e-5 },
    { name: 'photos', options: ['--with-preprocessing'], most: 0.02 },
    { name: 'half', options: ['--precision', 'float16'], most: 0.02 },
    { name: 'whole', options: ['--precision', 'int8'], most: 0.5 },
    {
      name: 'wide kernels',
      options: ['--precision', 'int8', '--kernel-bits', '8'],
      most: 0.5,
    },
    { name: 'page', format: 'tfjs', options: [], most: 1e-5 },
    { name: 'tflite', format: 'tflite', options: ['--precision', 'int8'], most: 0.5 },
  ];
  for (const { name, format = 'onnx', options, most } of variants) {
    const out = join(folder, name);
    await succeeds([
      'export',
      model,
      '--format',
      format,
      '--out',
      out,
      ...options,
      ...data,
      ...engine,
      '--require-verified',
    ]);
    const { exported, images, verification } = await certificateOf(out);
    expect(exported.output).toBe('probabilities');
    if (verification.verdict === 'not verified') throw new Error(verification.reason);
    expect(verification).toMatchObject({
      verdict: most > 1e-5 ? 'no difference found' : 'equal',
      runtime: { name: runtimes[format] },
      accuracy: { model: { total: images!.count }, exported: { total: images!.count } },
    });
    expect(verification.largestDifference).toBeLessThan(most);
    // TensorFlow.js is also what fixres computes with.
    if (format !== 'tfjs') expect(verification.largestDifference).toBeGreaterThan(0);
  }

  const plain = join(folder, 'plain');
  const repeated = JSON.parse(await succeeds(['verify', plain, '--json'])) as ExportCertificate;
  const certificate = await certificateOf(plain);
  expect(repeated).toEqual(certificate);
  // A published export must not name folders of its author.
  expect(JSON.stringify(certificate)).not.toContain(folder);
  expect(certificate.model.path).toBe('../' + basename(model));

  // The export moves with the photos, or without them.
  const away = join(await temporaryFolder(), 'elsewhere', 'plain');
  await cp(plain, away, { recursive: true });
  expect(await runCli(['verify', away])).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: "${away}" cannot be verified: its images "${resolve(away, certificate.images!.source)}" are not on this machine; give them with --data.\n`,
  });

  for (const name of ['tflite', 'page']) {
    const again = JSON.parse(await succeeds(['verify', join(folder, name), '--json'])) as unknown;
    expect(again).toEqual(await certificateOf(join(folder, name)));
  }

  await refusesDamaged(plain);

  // Another model's weights under the same certificate.
  await writeFile(join(plain, 'model.onnx'), await readFile(join(folder, 'half', 'model.onnx')));
  const changed = await runCli(['verify', plain]);
  expect(changed).toMatchObject({ code: 1, stdout: '' });
  expect(changed.stderr).toContain('has changed: its SHA-256 is not that of export.json');

  // Predictions of another model.
  const reference = JSON.parse(
    await readFile(join(folder, 'planes', 'reference.json'), 'utf8'),
  ) as {
    probabilities: string;
  };
  const numbers = new Float32Array(
    Uint8Array.from(Buffer.from(reference.probabilities, 'base64')).buffer,
  );
  numbers.reverse();
  reference.probabilities = Buffer.from(numbers.buffer).toString('base64');
  await writeFile(join(folder, 'planes', 'reference.json'), JSON.stringify(reference));
  const different = await runCli(['verify', join(folder, 'planes')]);
  expect(different.code).toBe(1);
  expect(different.stderr).toContain('is different from the model');

  const unverified = await runCli([
    'export',
    model,
    '--format',
    'onnx',
    '--out',
    join(folder, 'alone'),
    ...engine,
    '--require-verified',
  ]);
  expect(unverified).toMatchObject({ code: 1, stdout: `${join(folder, 'alone')}\n` });
  expect(unverified.stderr).toContain('Not verified: no images are given; give them with --data.');

  const refused = await runCli([
    'export',
    model,
    '--format',
    'tfjs',
    '--layout',
    'NCHW',
    '--out',
    join(folder, 'no'),
  ]);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('Option --layout goes with --format onnx; the format is tfjs.');
  const single = ['export', model, '--format', 'onnx', '--out', join(folder, 'no')];
  expect(await runCli([...single, '--kernel-bits', '8'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: Option --kernel-bits goes with --precision int8; the precision is float32.\n',
  });
});

it('a SavedModel of a ConvNeXt is verified in TensorFlow', { tags: 'native-engine' }, async () => {
  const folder = await temporaryFolder();
  const model = await importedConvNeXt(folder);
  // TensorFlow decodes JPEG and PNG.
  const photos = join(folder, 'photos');
  await cp(samplePhotos, photos, {
    recursive: true,
    filter: (file) => !file.endsWith('.webp'),
  });
  // One process for all.
  const env = { FIXRES_ENGINE: 'tensorflow' };
  for (const [name, input, options] of [
    ['default', 'prepared', []],
    ['levels', 'levels', ['--with-preprocessing']],
    ['bytes', 'bytes', ['--with-decoder']],
  ] as const) {
    const place = ['--out', join(folder, name)];
    await succeeds(
      ['export', model, '--format', 'savedmodel', ...place, ...options, '--data', photos],
      env,
    );
    const { exported, verification } = await certificateOf(join(folder, name));
    expect(exported).toMatchObject({ input, output: 'probabilities' });
    expect(verification).toMatchObject({
      verdict: input === 'prepared' ? 'equal' : 'no difference found',
      runtime: { name: 'TensorFlow' },
    });
  }
  const served = join(folder, 'bytes');
  expect(JSON.parse(await succeeds(['verify', served, '--json'], env))).toEqual(
    await certificateOf(served),
  );

  const { ids } = JSON.parse(await readFile(join(served, 'reference.json'), 'utf8')) as {
    ids: string[];
  };
  await cp(join(samplePhotos, 'animals/lemur.webp'), join(photos, ids[0]!));
  const unread = await runCli(['verify', served]);
  expect(unread).toMatchObject({ code: 2, stdout: '' });
  expect(unread.stderr).toBe(
    `error: Image ${ids[0]!} is neither JPEG nor PNG; give images in these formats with --data.\n`,
  );
});

it(
  'a .keras file is verified in Keras, with its preprocessing',
  { tags: 'python-keras' },
  async () => {
    const folder = await temporaryFolder();
    const model = await importedModel(folder);
    const PATH = `${dirname(process.env.FIXRES_PYTHON_KERAS!)}${delimiter}${process.env.PATH}`;
    for (const [name, input, options, most] of [
      ['plain', 'resized', [], 1e-5],
      ['photos', 'levels', ['--with-preprocessing'], 0.02],
    ] as const) {
      const out = join(folder, name);
      const args = [
        'export',
        model,
        '--format',
        'keras',
        '--out',
        out,
        ...options,
        ...data,
        ...engine,
      ];
      expect(await runCli([...args, '--require-verified'], { env: { PATH } })).toMatchObject({
        code: 0,
      });
      const { exported, verification } = await certificateOf(out);
      expect(exported).toMatchObject({ input, output: 'probabilities' });
      expect(verification).toMatchObject({
        verdict: input === 'resized' ? 'equal' : 'no difference found',
        runtime: { name: 'Keras' },
      });
      expect((verification as Verification).largestDifference).toBeLessThan(most);
    }
  },
);

it('states what to install without ONNX Runtime', async () => {
  const module = new URL('../dist/export/onnx-runtime.js', import.meta.url);
  const program =
    'import(process.argv[1]).then(({ onnxRuntime }) => console.log(onnxRuntime([process.argv[2]])))';
  // pnpm's NODE_PATH finds packages that were installed for others.
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--eval', program, module.href, join(await temporaryFolder(), 'package.json')],
    { env: { ...process.env, NODE_PATH: '' } },
  );
  expect(stdout).toBe(
    'the package onnxruntime-node is not installed ("npm install onnxruntime-node")\n',
  );
});
